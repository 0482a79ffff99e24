package images

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/provenance"
)

// OpenIDX returns the grey images of an IDX file such as MNIST's, [N, H, W], with the labels of another one, [N]; "" =
// they have none. Either may be compressed with gzip. Ids are the positions in the file, "00000", "00001", …; labels
// are the values, such as "7". maxBytes bounds each of the two arrays; 0 = 1 GiB. Errors are those of [ReadIDXImages]
// and name the file.
func OpenIDX(images, labels string, maxBytes int64) (*Images, error) {
	pixels, err := openfile.Regular(images)
	if err != nil {
		return nil, fmt.Errorf("idx: %w", err)
	}
	defer pixels.Close()
	provenance.Data(images)
	var values io.Reader // nil where there are none
	if labels != "" {
		file, err := openfile.Regular(labels)
		if err != nil {
			return nil, fmt.Errorf("idx: labels: %w", err)
		}
		defer file.Close()
		provenance.Data(labels)
		values = file
	}
	// The file does not name classes; there are as many as a byte has values.
	classes := make([]string, 256)
	for v := range classes {
		classes[v] = strconv.Itoa(v)
	}
	set, err := ReadIDXImages(pixels, values, images, classes, maxBytes)
	if err != nil {
		return nil, err
	}
	// The name of the file stood for the domain, so that errors name it; ids and labels are without it.
	set.Domains = nil
	for _, names := range [][]string{set.IDs, set.Labels} {
		for i, name := range names {
			names[i] = strings.TrimPrefix(name, images+"/")
		}
	}
	return set, nil
}
