// Package acceptance holds tests of training as users call it, with every loss, on several labels and on several
// devices: beside those of package siamese they would take too long in one package. It has no code of its own.
package acceptance
