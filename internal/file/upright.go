package file

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"io"
)

// segments walks through the head of a JPEG and shows each segment until the picture itself begins; see ISO/IEC 10918-1, B.1.
func segments(r io.Reader, see func(marker byte, content []byte) (on bool)) {
	var start [2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || start != [2]byte{0xff, 0xd8} {
		return
	}
	for range 1000 {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:2]); err != nil || head[0] != 0xff {
			return
		}
		for head[1] == 0xff { // filling
			if _, err := io.ReadFull(r, head[1:2]); err != nil {
				return
			}
		}
		if head[1] == 0xda || head[1] == 0xd9 {
			return
		}
		if _, err := io.ReadFull(r, head[2:]); err != nil {
			return
		}
		size := int(binary.BigEndian.Uint16(head[2:])) - 2
		if size < 0 {
			return
		}
		content := make([]byte, size)
		if _, err := io.ReadFull(r, content); err != nil || !see(head[1], content) {
			return
		}
	}
}

// progressive reports whether a JPEG comes in several passes over the whole picture.
func progressive(r io.Reader) (found bool) {
	segments(r, func(marker byte, _ []byte) bool {
		found = marker == 0xc2
		return !found
	})
	return found
}

// mostPasses is how often a JPEG may go over its picture; programs that make them write about ten.
const mostPasses = 50

// passes counts how often a JPEG goes over its picture, without decoding it: each pass of a few bytes can cost as much as all the points.
func passes(r io.Reader) (n int) {
	buffer, held := make([]byte, 64<<10), 0
	for {
		read, err := r.Read(buffer[held:])
		n += bytes.Count(buffer[:held+read], []byte{0xff, 0xda})
		if err != nil {
			return n
		}
		if end := held + read; end > 0 && buffer[end-1] == 0xff { // the mark may be cut in two
			buffer[0], held = 0xff, 1
		} else {
			held = 0
		}
	}
}

// orientation of a picture as the camera was held, from 1 (upright) to 8; see EXIF 2.32, tag 0x0112.
func orientation(r io.Reader) int {
	found := 1
	segments(r, func(marker byte, content []byte) bool {
		tiff, ok := bytes.CutPrefix(content, []byte("Exif\x00\x00"))
		if marker != 0xe1 || !ok {
			return true
		}
		found = orientationIn(tiff)
		return false
	})
	return found
}

func orientationIn(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// turned shows a picture upright without copying it.
func turned(picture image.Image, orientation int) image.Image {
	if orientation == 1 {
		return picture
	}
	return turning{picture, points(picture), orientation}
}

type turning struct {
	image.Image
	points      func(x, y int) color.RGBA64
	orientation int
}

// Bounds of the picture when it is upright.
func (t turning) Bounds() image.Rectangle {
	b := t.Image.Bounds()
	if t.orientation >= 5 {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return image.Rect(0, 0, b.Dx(), b.Dy())
}

// At is a point of the picture when it is upright.
func (t turning) At(x, y int) color.Color { return t.RGBA64At(x, y) }

// RGBA64At is a point of the picture when it is upright.
func (t turning) RGBA64At(x, y int) color.RGBA64 {
	b := t.Image.Bounds()
	right, bottom := b.Dx()-1, b.Dy()-1
	switch t.orientation {
	case 2:
		x = right - x
	case 3:
		x, y = right-x, bottom-y
	case 4:
		y = bottom - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, bottom-x
	case 7:
		x, y = right-y, bottom-x
	case 8:
		x, y = right-y, x
	}
	return t.points(b.Min.X+x, b.Min.Y+y)
}
