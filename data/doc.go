// Package data holds the [Frame]: N items with F numeric features each, in named blocks, with ids, class labels and
// domains. The packages below it make frames of what people have and prepare them for a model.
//
//   - [Frame] is the table; [Frame.Validate] reports everything that is wrong with it, [Frame.Hash] identifies it.
//   - [Schema] gives the columns of a table their roles and blocks, by the same rules for every format.
//   - table reads and writes tables: Parquet, Arrow, NumPy, CSV; labels and pairs from other files.
//   - images reads folders of images and IDX files, features computes HOG, GLCM and LBP of them, builtin has a dataset,
//     and extract does a whole folder that does not fit into memory.
//   - describe reports what stands out in a frame, duplicates finds items that occur more than once.
//   - split divides the items into training, validation and test sides that share nothing.
//   - preprocess learns scaling and the like from training items; its transform is saved with the model.
//
// Arrows between the packages point down in this list, never up (a package imports only packages of later lines):
//
//	extract                  table, features, images, data, atomicfile
//	split, describe          duplicates, data, atomicfile
//	features                 images, data, option
//	builtin                  images
//	table                    its readers in table/internal, data, atomicfile
//	duplicates, preprocess   data
//	images                   option
//	data                     option
//	option, quote, stop, parallel, atomicfile and internal/...: leaves, of which any package may import those it needs
//
// No package here imports package siamese or GoMLX. Nothing here trains, draws or prints: functions return values and
// errors. An error says what is wrong, where (file, line, column, item) and what to do about it.
package data
