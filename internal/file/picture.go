package file

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Bounds of pictures: what may come in, and the boxes that the two sizes fit into.
const (
	maxPixels   = 40_000_000
	maxSide     = 12_000
	maxDecoded  = 200 << 20 // bytes that a decoder needs to hold the whole picture
	largeWidth  = 1600
	largeHeight = 2400
	smallWidth  = 480
	smallHeight = 720
	quality     = 84
)

// decoding lets one picture at a time fill the memory.
var decoding = make(chan struct{}, 1)

// format is a way to write pictures down.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	passes bool // it may go over its picture several times
}

var formats = []struct {
	magic string
	format
}{
	{"\xff\xd8\xff", format{jpeg.DecodeConfig, jpeg.Decode, true}},
	{"\x89PNG\r\n\x1a\n", format{png.DecodeConfig, png.Decode, false}},
	{"GIF8", format{gif.DecodeConfig, gif.Decode, false}},
	{"RIFF", format{webp.DecodeConfig, webp.Decode, false}},
}

// drawn is a picture written anew: only what is seen of it is left.
type drawn struct {
	media         string
	width, height int
	bytes         []byte
}

// formatOf tells a picture by its first bytes; nil for anything else.
func formatOf(u Upload) (*format, error) {
	head := make([]byte, 12)
	n, err := u.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	for i, f := range formats {
		if bytes.HasPrefix(head[:n], []byte(f.magic)) && (f.magic != "RIFF" || bytes.HasSuffix(head, []byte("WEBP"))) {
			return &formats[i].format, nil
		}
	}
	return nil, nil
}

// open decodes an upload, once its header has shown that it is not too large to be held, and turns it upright.
func (f format) open(u Upload) (image.Image, error) {
	reader := func() io.Reader { return bufio.NewReader(io.NewSectionReader(u, 0, u.Size)) }
	c, err := f.config(reader())
	if err != nil || c.Width < 1 || c.Height < 1 {
		return nil, problem(u, "file-picture")
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels || c.Width*c.Height*weight(u, c) > maxDecoded {
		return nil, problem(u, "file-pixels", "width", c.Width, "height", c.Height)
	}
	if f.passes && passes(reader()) > mostPasses {
		return nil, problem(u, "file-picture")
	}
	picture, err := f.decode(reader())
	if err != nil {
		return nil, problem(u, "file-picture")
	}
	return turned(picture, orientation(reader())), nil
}

// weight is how many bytes a pixel takes while it is decoded.
func weight(u Upload, c image.Config) int {
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return 8
	case color.YCbCrModel, color.CMYKModel:
		if progressive(io.NewSectionReader(u, 0, u.Size)) {
			return 12 // its coefficients are held until the last of them has come
		}
	}
	return 4
}

// sizes draws an upload in the two sizes, one upload at a time.
func sizes(ctx context.Context, u Upload, f *format) (large, small drawn, err error) {
	err = alone(ctx, func() error {
		picture, err := f.open(u)
		if err != nil {
			return err
		}
		b := picture.Bounds()
		width, height := fit(b.Dx(), b.Dy(), largeWidth, largeHeight)
		fitting := scaled(picture, width, height)
		if large, err = write(fitting, unknown); err != nil {
			return err
		}
		width, height = fit(width, height, smallWidth, smallHeight)
		small, err = write(scaled(fitting, width, height), large.media)
		return err
	})
	if errors.Is(err, errFull) {
		err = problem(u, "file-large", "max", MaxSize>>20)
	}
	return large, small, err
}

// alone does something that needs much memory when nobody else does.
func alone(ctx context.Context, do func() error) error {
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fit is the size of a picture within a box; it never grows.
func fit(width, height, most, tall int) (int, int) {
	if width > most {
		width, height = most, max(1, (height*most+width/2)/width)
	}
	if height > tall {
		width, height = max(1, (width*tall+height/2)/height), tall
	}
	return width, height
}

// scaled draws a picture in another size: whole blocks of pixels are averaged first, so that nothing as large as the picture is needed beside it.
func scaled(from image.Image, width, height int) *image.NRGBA {
	b := from.Bounds()
	step := max(1, min(b.Dx()/width, b.Dy()/height))
	averaged := from
	if step > 1 {
		averaged = blocks(from, step)
	}
	to := image.NewNRGBA(image.Rect(0, 0, width, height))
	kernel := draw.Interpolator(draw.ApproxBiLinear)
	if width*averaged.Bounds().Dy() <= 1<<20 { // it is finer, and takes 32 bytes for each of these
		kernel = draw.CatmullRom
	}
	kernel.Scale(to, to.Bounds(), averaged, averaged.Bounds(), draw.Src, nil)
	return to
}

// blocks makes one pixel of step × step.
func blocks(from image.Image, step int) *image.NRGBA64 {
	b := from.Bounds()
	to := image.NewNRGBA64(image.Rect(0, 0, b.Dx()/step, b.Dy()/step))
	n, at := uint64(step*step), points(from)
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			var red, green, blue, alpha uint64
			for dy := range step {
				for dx := range step {
					c := at(b.Min.X+x*step+dx, b.Min.Y+y*step+dy)
					red, green, blue, alpha = red+uint64(c.R), green+uint64(c.G), blue+uint64(c.B), alpha+uint64(c.A)
				}
			}
			to.SetRGBA64(x, y, color.RGBA64{uint16(red / n), uint16(green / n), uint16(blue / n), uint16(alpha / n)})
		}
	}
	return to
}

// points reads a picture without making something of each of its points.
func points(of image.Image) func(x, y int) color.RGBA64 {
	if direct, ok := of.(image.RGBA64Image); ok {
		return direct.RGBA64At
	}
	return func(x, y int) color.RGBA64 { return color.RGBA64Model.Convert(of.At(x, y)).(color.RGBA64) }
}

// write makes a JPEG of a photograph, and a PNG of what has see-through parts or, as drawings do, is smaller as one; or the one wanted.
func write(picture *image.NRGBA, want string) (drawn, error) {
	d := drawn{width: picture.Rect.Dx(), height: picture.Rect.Dy()}
	most := MaxSize
	if want == jpegs || want == unknown && picture.Opaque() {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: quality}); err != nil {
			return d, err
		}
		d.media, d.bytes, most = jpegs, b.Bytes(), b.Len()
	}
	if want == jpegs {
		return d, nil
	}
	b := bounded{most: most}
	err := png.Encode(&b, picture)
	if errors.Is(err, errFull) && d.bytes != nil {
		return d, nil
	}
	d.media, d.bytes = pngs, b.Bytes()
	return d, err
}

var errFull = errors.New("more than wanted")

// bounded gives up when more is written than was wanted.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, errFull
	}
	return b.Buffer.Write(p)
}
