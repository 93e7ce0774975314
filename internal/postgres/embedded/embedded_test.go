package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/postgres/embedded"
)

// As a child, this binary owns a server until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("KOINON_EMBEDDED_CHILD"); dir != "" {
		s, err := embedded.Start(context.Background(), embedded.Options{Dir: dir})
		if err != nil {
			fmt.Println("failed", err)
			os.Exit(1)
		}
		fmt.Println("ready", s.Pid(), s.URL())
		select {}
	}
	os.Exit(m.Run())
}

func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "koinon-embedded-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "var", "postgres")
}

func start(t *testing.T, dir string) *embedded.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := embedded.Start(ctx, embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func do(t *testing.T, url, sql string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var got string
	if err := conn.QueryRow(ctx, sql).Scan(&got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestServerKeepsItsDataAndListensOnASocketOnly(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	if got := do(t, s.URL(), `with a as (select set_config('x.y', current_setting('listen_addresses') || '|' || current_setting('data_checksums') || '|' || current_setting('server_encoding'), false)) select * from a`); got != "|on|UTF8" {
		t.Errorf("addresses, checksums and encoding: got %q", got)
	}
	fill(t, s.URL())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir)
	if got := do(t, again.URL(), `select word from kept`); got != "yes" {
		t.Errorf("got %q", got)
	}
}

func TestASecondOwnerIsRefusedAndAGuestAttaches(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	ctx := context.Background()
	if _, err := embedded.Start(ctx, embedded.Options{Dir: dir}); !errors.Is(err, embedded.ErrInUse) {
		t.Fatalf("second owner: got %v, want ErrInUse", err)
	}
	guest, err := embedded.Open(ctx, embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got := do(t, guest.URL(), `select 'here'`); got != "here" {
		t.Errorf("guest got %q", got)
	}
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	if got := do(t, s.URL(), `select 'still'`); got != "still" {
		t.Error("the guest took the server along")
	}
}

func TestDataOutliveAKilledOwner(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "KOINON_EMBEDDED_CHILD="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) != 3 || words[0] != "ready" {
		t.Fatalf("child said %q, %v", line, err)
	}
	fill(t, words[2])
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	s := start(t, dir)
	if strconv.Itoa(s.Pid()) != words[1] {
		t.Errorf("the orphaned server %s was not taken over, %d runs", words[1], s.Pid())
	}
	if got := do(t, s.URL(), `select word from kept`); got != "yes" {
		t.Errorf("got %q", got)
	}
}

func TestAKilledDatabaseServerComesBack(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	fill(t, s.URL())
	before := s.Pid()
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, s.URL())
		if err != nil {
			continue
		}
		var got string
		err = conn.QueryRow(ctx, `select word from kept`).Scan(&got)
		conn.Close(ctx)
		if err == nil && got == "yes" && s.Pid() != before {
			return
		}
	}
	t.Fatal("the server did not come back")
}

func TestNoServerToBeFoundSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	err := error(&embedded.MissingError{Flaws: []string{"/x holds PostgreSQL 11; 14 or newer is needed"}})
	for _, want := range []string{"Debian", "Fedora", "macOS", "KOINON_DATABASE_URL", "PostgreSQL 11"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %q", want, err)
		}
	}
}

func fill(t *testing.T, url string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `create table kept as select 'yes' as word`); err != nil {
		t.Fatal(err)
	}
}
