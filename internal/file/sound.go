package file

import (
	"bytes"
	"fmt"
	"image"

	"urbanfluxes.eu/koinon/internal/fault"
)

// Amiss says what is wrong with a file that comes from elsewhere as it is to be stored, small being nil but for pictures; "" when
// nothing is. As of an upload, its type is judged by its content alone.
func (f File) Amiss(large, small []byte) string {
	if f.Picture() != (f.SmallSize > 0) || f.Picture() != (f.Height > 0) {
		return "a picture, and nothing else, has a width, a height and a small size"
	}
	u := Upload{Name: f.Name, Size: int64(len(large)), Content: bytes.NewReader(large)}
	picture, err := formatOf(u)
	if err != nil {
		return err.Error()
	}
	media := unknown
	switch {
	case (picture != nil) != f.Picture():
		return "its content is not of the type " + f.Media
	case f.Picture():
		if media = mediaOfPicture(large); mediaOfPicture(small) != media {
			return "its two sizes are not of one type"
		}
		width, height := f.Small()
		if amiss := drawnAs(large, f.Width, f.Height, largeWidth, largeHeight); amiss != "" {
			return amiss
		}
		if amiss := drawnAs(small, width, height, smallWidth, smallHeight); amiss != "" {
			return "small: " + amiss
		}
	default:
		if media, err = mediaOf(u); err != nil {
			if problems := fault.Problems(err); len(problems) > 0 {
				return "its content is of no type that is taken: " + problems[0].Key
			}
			return err.Error()
		}
	}
	switch {
	case media != f.Media:
		return "its content is not of the type " + f.Media
	case cleanName(f.Name, extensions[media]) != f.Name:
		return fmt.Sprintf("name: %q would be %q", f.Name, cleanName(f.Name, extensions[media]))
	}
	return ""
}

// FaceAmiss says what is wrong with the picture of a person that comes from elsewhere; "" when nothing is.
func FaceAmiss(large, small []byte) string {
	for _, one := range []struct {
		content    []byte
		side, most int
	}{{large, PortraitLarge, maxFace}, {small, PortraitSmall, maxSmallFace}} {
		if len(one.content) > one.most || mediaOfPicture(one.content) != jpegs {
			return fmt.Sprintf("the picture of a person is a JPEG of at most %d KB", one.most>>10)
		}
		if amiss := drawnAs(one.content, one.side, one.side, one.side, one.side); amiss != "" {
			return amiss
		}
	}
	return ""
}

// Bytes of the picture of a person, as the table has them.
const (
	maxFace      = 256 << 10
	maxSmallFace = 64 << 10
)

// mediaOfPicture is the type of a picture as pictures are stored.
func mediaOfPicture(content []byte) string {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")):
		return jpegs
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		return pngs
	}
	return unknown
}

// drawnAs says why a content is no whole picture of this size; "" when it is one.
func drawnAs(content []byte, width, height, most, tall int) string {
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	switch {
	case err != nil:
		return "this is no picture"
	case c.Width != width || c.Height != height:
		return fmt.Sprintf("the picture has %d × %d points, not %d × %d", c.Width, c.Height, width, height)
	case width > most || height > tall:
		return fmt.Sprintf("a picture has at most %d × %d points", most, tall)
	}
	if _, _, err := image.Decode(bytes.NewReader(content)); err != nil {
		return "this is no whole picture"
	}
	return ""
}
