// Package arrows_test holds the map of who may import whom. See the README.
package arrows_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

const module = "urbanfluxes.eu/koinon/"

// layers from the bottom up; a package may import what stands in earlier layers, and nothing beside it in its own.
var layers = [][]string{
	{"internal/fault", "internal/locale", "internal/link", "internal/atlas", "migrations", "internal/postgres/embedded"},
	{"internal/postgres", "internal/markup", "internal/mail", "internal/calendar", "web/static"},
	{"internal/postgres/testdb"},
	{"internal/account", "internal/activity"},
	{"internal/community", "internal/draft"},
	{"internal/item"},
	{"internal/file"},
	{"internal/search"},
	{"internal/audit"},
	{"internal/product"},
	{"internal/criterion", "internal/discussion", "internal/meeting", "internal/practice"},
	{"internal/harvest"},
	{"internal/notice"},
	{"internal/desk"},
	{"internal/parting"},
	{"internal/programme"},
	{"internal/programme/demo"},
	{"web/visit"},
	{"web/ui"},
	{"web/form", "web/respond", "web/letters", "web/listing"},
	{"web/guard"},
	{"web/accounts", "web/admin", "web/communities", "web/criteria", "web/designs", "web/discussions", "web/drafts", "web/files", "web/home", "web/inbox", "web/lookaround", "web/mailbox", "web/meetings", "web/members", "web/products", "web/registers", "web/repertoire", "web/reports", "web/searching", "web/texts"},
	{"web"},
	{"web/webtest"},
	{"cmd/koinon", "cmd/bench"},
}

// beside are the arrows inside a layer, and what a lower layer needs of an upper one: each with its reason.
var beside = map[string]string{
	"internal/activity -> internal/account": "an activity names its actor",
}

// forbidden although it points downwards: testdb is for tests.
var testsOnly = map[string]bool{"internal/postgres/testdb": true, "web/webtest": true}

func TestImportsFollowTheArrows(t *testing.T) {
	t.Parallel()
	level := map[string]int{}
	for n, layer := range layers {
		for _, p := range layer {
			level[p] = n
		}
	}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "node_modules" || name == "tmp" || name == "var" || strings.HasPrefix(name, ".") && name != ".." && name != "." {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		return check(t, root, path, level)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, root, path string, level map[string]int) error {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return err
	}
	from := filepath.ToSlash(rel)
	if file.Name.Name == "main" && from == "internal/atlas" {
		return nil // the generator of the map's data
	}
	here, known := level[from]
	if !known {
		t.Errorf("%s: the map does not know this package", from)
		return nil
	}
	for _, spec := range file.Imports {
		to, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module)
		if !ours {
			continue
		}
		there, known := level[to]
		switch {
		case !known:
			t.Errorf("%s imports %s, which the map does not know", path, to)
		case testsOnly[to] && !testsOnly[from]:
			t.Errorf("%s imports %s, which is for tests", path, to)
		case there > here || there == here && beside[from+" -> "+to] == "":
			t.Errorf("%s imports %s: against the arrows", path, to)
		}
	}
	return nil
}
