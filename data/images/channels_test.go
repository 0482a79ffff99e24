package images

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// TestChannels: of a TIFF of many channels that are no colours, as microscopes and satellites write it, none is taken
// for the picture (testdata/make_channels.py); one more than the colours, which may be opacity without a name, is left
// out as before.
func TestChannels(t *testing.T) {
	for name, read := range map[string]bool{"five.tif": false, "five-planes.tif": false, "rgbx.tif": true} {
		file, err := os.ReadFile("testdata/kinds/channels-" + name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(bytes.NewReader(file), DecodeOptions{})
		var kind *KindError
		if read && (err != nil || m.C != 3) || !read && (!errors.As(err, &kind) ||
			!strings.Contains(kind.Kind, "5 channels") || kind.Command == "") {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
}
