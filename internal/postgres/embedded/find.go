package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

// binaries of one installed server.
type binaries struct {
	bin   string // folder with postgres and initdb
	major int
}

// oldest server that will do.
const oldest = 14

var usual = []string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/usr/bin", "/usr/local/bin",
	"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/opt/homebrew/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// find is the newest server on this machine that can be used.
func find() (binaries, error) { return findIn(candidates()) }

func candidates() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range usual {
		found, _ := filepath.Glob(pattern) // the patterns are sound
		dirs = append(dirs, found...)
	}
	return dirs
}

func findIn(dirs []string) (binaries, error) {
	var good []binaries
	var flaws []string
	seen := map[string]bool{}
	for _, dir := range dirs {
		if seen[dir] {
			continue
		}
		seen[dir] = true
		b, err := examine(dir)
		switch {
		case err == nil:
			good = append(good, b)
		case !errors.Is(err, os.ErrNotExist):
			flaws = append(flaws, err.Error())
		}
	}
	if len(good) == 0 {
		return binaries{}, &MissingError{Flaws: flaws}
	}
	sort.SliceStable(good, func(a, b int) bool { return good[a].major > good[b].major })
	return good[0], nil
}

var version = regexp.MustCompile(`\) (\d+)`)

func examine(dir string) (binaries, error) {
	for _, program := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(dir, program)); err != nil {
			return binaries{}, os.ErrNotExist
		}
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("%s/postgres does not run: %w", dir, err)
	}
	m := version.FindSubmatch(out)
	if m == nil {
		return binaries{}, fmt.Errorf("%s/postgres tells no version", dir)
	}
	major, _ := strconv.Atoi(string(m[1]))
	if major < oldest {
		return binaries{}, fmt.Errorf("%s holds PostgreSQL %d; %d or newer is needed", dir, major, oldest)
	}
	for _, extension := range []string{"unaccent", "pg_trgm"} {
		if !hasExtension(dir, major, extension) {
			return binaries{}, fmt.Errorf("PostgreSQL %d in %s lacks the extension %s (a package named postgresql-contrib holds it)", major, dir, extension)
		}
	}
	return binaries{bin: dir, major: major}, nil
}

func hasExtension(dir string, major int, name string) bool {
	shares := []string{filepath.Join(dir, "../share"), filepath.Join(dir, "../share/postgresql"), fmt.Sprintf("/usr/share/postgresql/%d", major), "/usr/share/pgsql",
		filepath.Join(dir, fmt.Sprintf("../share/postgresql@%d", major))}
	if out, err := exec.Command(filepath.Join(dir, "pg_config"), "--sharedir").Output(); err == nil {
		shares = append([]string{strings.TrimSpace(string(out))}, shares...)
	}
	for _, share := range shares {
		if _, err := os.Stat(filepath.Join(share, "extension", name+".control")); err == nil {
			return true
		}
	}
	return false
}

// MissingError says that no usable server is on the machine, and what to install.
type MissingError struct{ Flaws []string }

func (e *MissingError) Error() string {
	text := "no PostgreSQL server (14 or newer, with unaccent and pg_trgm) was found"
	for _, flaw := range e.Flaws {
		text += "; " + flaw
	}
	return text + ".\n" + Advice()
}

// Advice is one sentence per system on what to install; that of this system stands first.
func Advice() string {
	lines := []string{
		"On Debian or Ubuntu: run «apt-get install postgresql postgresql-contrib».",
		"On Fedora: run «dnf install postgresql-server postgresql-contrib».",
		"On macOS: run «brew install postgresql@17», or install Postgres.app.",
		"Elsewhere: install PostgreSQL 14 or newer with its contrib modules, or set KOINON_DATABASE_URL to a server that runs already.",
	}
	switch {
	case runtime.GOOS == "darwin":
		lines[0], lines[2] = lines[2], lines[0]
	case exists("/etc/fedora-release"):
		lines[0], lines[1] = lines[1], lines[0]
	}
	return strings.Join(lines, "\n")
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// Tools is the folder of the server's programs, such as pg_dump.
func Tools() (string, error) {
	b, err := find()
	return b.bin, err
}
