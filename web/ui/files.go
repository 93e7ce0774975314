package ui

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/visit"
)

// Files is the field of a form, sent as multipart/form-data, in which files are chosen. Shown are those that it has already.
type Files struct {
	Slug     string // of the community of the item; empty: the one visited
	Shown    []file.File
	Problems Problems
}

func (f Files) slug(ctx context.Context) string {
	if f.Slug != "" {
		return f.Slug
	}
	return visit.Of(ctx).Seat.Slug
}

// Attachments are the files of an item below its text; Own tells the one who wrote it what is left to do.
type Attachments struct {
	Slug  string
	Files []file.File
	Own   bool
}

// Face is the picture of a person, or the initials where there is none to see.
type Face struct {
	Account     account.ID
	Picture     string // its hash
	Name        string
	Perspective community.Perspective
}

// accepted are the names that a file dialogue offers at first.
const accepted = ".jpg,.jpeg,.png,.gif,.webp,.pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.odg,.txt,.csv,.tsv,.md,.geojson,.tif,.tiff"

// acceptedPictures are the kinds of pictures that a file dialogue offers.
const acceptedPictures = "image/jpeg,image/png,image/gif,image/webp"

func (a Attachments) pictures() []file.File { return only(a.Files, true) }

func (a Attachments) others() []file.File { return only(a.Files, false) }

func only(files []file.File, pictures bool) []file.File {
	var some []file.File
	for _, f := range files {
		if f.Picture() == pictures {
			some = append(some, f)
		}
	}
	return some
}

func (a Attachments) address(f file.File) string { return link.File(a.Slug, int64(f.ID), f.Name) }

func (a Attachments) small(f file.File) string { return link.With(a.address(f), "size", "small") }

func pixels(f file.File) (width, height string) {
	w, h := f.Small()
	return strconv.Itoa(w), strconv.Itoa(h)
}

func (f Face) address(size string) string {
	return link.With(link.Portrait(int64(f.Account), f.Picture), "size", size)
}

// altOf says what a picture shows; its name where nobody has said it.
func altOf(ctx context.Context, f file.File) string {
	if f.Alt != "" {
		return f.Alt
	}
	return locale.T(ctx, "files.picture-named", "name", f.Name)
}

// Weight is a size in bytes in the reader's words, such as 1.4 MB.
func Weight(ctx context.Context, bytes int64) string {
	if bytes < 1000*1000 {
		return locale.T(ctx, "files.kb", "n", strconv.FormatInt(max(1, (bytes+500)/1000), 10))
	}
	n := strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64)
	if locale.Of(ctx) != locale.English {
		n = strings.Replace(n, ".", ",", 1)
	}
	return locale.T(ctx, "files.mb", "n", n)
}

func typeWord(ctx context.Context, f file.File) string {
	return locale.T(ctx, "files.type."+f.Word())
}

func filesWords(ctx context.Context) string {
	words, _ := json.Marshal(map[string]any{ // strings and numbers marshal
		"drop": locale.T(ctx, "files.drop"), "remove": locale.T(ctx, "files.remove"), "alt": locale.T(ctx, "files.alt"), "mb": locale.T(ctx, "files.mb"), "kb": locale.T(ctx, "files.kb"),
		"large": locale.T(ctx, "problem.file-large", "max", file.MaxSize>>20), "many": locale.T(ctx, "problem.too-many-files", "max", file.MaxFew),
		"max": file.MaxSize, "most": file.MaxFew,
	})
	return string(words)
}
