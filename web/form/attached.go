package form

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
)

// Names of the fields in which a form carries its files.
const (
	fileField    = "file"       // a file that is kept, or stands on the item already
	dropField    = "drop"       // one of them that is to go
	newAltField  = "alt-new"    // words for the files that come with the form, in their order
	shownField   = "with-files" // the form shows the item's files: those missing in it are to go
	altFieldHead = "alt-"
)

// Attached are the files of a form: Shown is what the form shows when it comes again, Chosen what the item is to have;
// Err is what is wrong with what was sent.
type Attached struct {
	Shown  []file.File
	Chosen []file.Choice
	Err    error
}

// Attach gathers the files of a form about an item (0: a new one) that who sends: those it showed, less those to go, and those
// that came with it, which are kept from now on, whatever else is wrong with the form.
func Attach(ctx context.Context, files file.Store, who account.ID, about item.ID, v Values) (Attached, error) {
	var a Attached
	if v.Get(shownField) == "" && len(v.files) == 0 {
		return a, nil
	}
	wanted, dropped := ids(v.Values[fileField]), ids(v.Values[dropField])
	if err := files.Drop(ctx, who, dropped); err != nil {
		return a, err
	}
	wanted = slices.DeleteFunc(wanted, func(id file.ID) bool { return slices.Contains(dropped, id) })
	shown, err := files.Waiting(ctx, who, about, wanted)
	if err != nil {
		return a, err
	}
	var in fault.Invalid
	for i := range shown {
		shown[i].Alt = v.Text(altFieldHead + shown[i].ID.String())
	}
	a.Shown = shown
	in.Check(!v.heavy, "files", "files-heavy", "max", MaxFiles>>20)
	in.Check(len(shown)+len(v.files)+v.dropped <= file.MaxFew, "files", "too-many-files", "max", file.MaxFew)
	if err := a.keep(ctx, files, who, v, &in); err != nil {
		return a, err
	}
	a.Chosen = make([]file.Choice, 0, len(a.Shown))
	for _, f := range a.Shown {
		a.Chosen = append(a.Chosen, file.Choice{ID: f.ID, Alt: f.Alt})
	}
	// What is not there any more is for the item's store to judge: a form sent twice may well name what it made its own.
	for _, id := range wanted {
		if !slices.ContainsFunc(shown, func(f file.File) bool { return f.ID == id }) {
			a.Chosen = append(a.Chosen, file.Choice{ID: id})
		}
	}
	if about == 0 && len(a.Chosen) == 0 {
		a.Chosen = nil // a new item without files: there is nothing to do for them
	}
	a.Err = in.Err()
	return a, nil
}

// keep stores what came, file by file; what is refused is named, and the others stay.
func (a *Attached) keep(ctx context.Context, files file.Store, who account.ID, v Values, in *fault.Invalid) error {
	alts := v.Values[newAltField]
	for i, u := range v.files {
		if len(a.Shown) >= file.MaxFew {
			return nil
		}
		if i < len(alts) && len(alts) == len(v.files) {
			u.Alt = strings.TrimSpace(alts[i])
		}
		if u.cut {
			continue
		}
		kept, err := files.Keep(ctx, who, u.Upload)
		var invalid *fault.Invalid
		switch {
		case err == nil:
			a.Shown = append(a.Shown, kept)
		case errors.As(err, &invalid):
			in.Problems = append(in.Problems, invalid.Problems...)
		default:
			return err
		}
	}
	return nil
}

// ids of files as a form has them, each once.
func ids(texts []string) []file.ID {
	var all []file.ID
	for _, text := range texts {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && !slices.Contains(all, file.ID(id)) && len(all) < 2*file.MaxFew {
			all = append(all, file.ID(id))
		}
	}
	return all
}
