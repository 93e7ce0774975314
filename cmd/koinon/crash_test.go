package main_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// program is the built binary, running in a folder of its own with its private database, fsync on.
type program struct {
	t      *testing.T
	binary string
	dir    string
	listen string
	cmd    *exec.Cmd
	out    *bytes.Buffer
}

func build(t *testing.T) *program {
	t.Helper()
	dir, err := os.MkdirTemp("", "koinon-crash-")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, binary: filepath.Join(dir, "koinon"), dir: dir, listen: l.Addr().String()}
	l.Close()
	if out, err := exec.Command("go", "build", "-o", p.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() {
		p.stop()
		os.RemoveAll(dir)
	})
	return p
}

func (p *program) env() []string {
	return append(os.Environ(), "KOINON_DIR="+filepath.Join(p.dir, "var"), "KOINON_LISTEN="+p.listen, "KOINON_DEMO=yes", "KOINON_DATABASE_URL=", "KOINON_BASE_URL=", "KOINON_METRICS_LISTEN=")
}

func (p *program) start() {
	p.t.Helper()
	p.cmd, p.out = exec.Command(p.binary, "serve"), &bytes.Buffer{}
	p.cmd.Env, p.cmd.Stdout = p.env(), p.out
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ready()
}

func (p *program) ready() {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		res, err := http.Get("http://" + p.listen + "/readyz")
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	p.t.Fatalf("the program does not get ready: %s", p.out)
}

// stop asks the program to end and waits for it; its database ends with it.
func (p *program) stop() {
	if p.cmd == nil || p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("SIGTERM: %v", err)
	}
}

func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait() // killed, as asked
}

// postmaster is the process of the private database, and its socket.
func (p *program) postmaster() (pid int, socket string) {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.dir, "var", "postgres", "data", "postmaster.pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\n")
	if pid, err = strconv.Atoi(lines[0]); err != nil {
		p.t.Fatal(err)
	}
	return pid, lines[4]
}

func (p *program) visitor() *http.Client {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.PostForm("http://"+p.listen+"/look-around", url.Values{"as": {"stakeholder"}})
	if err != nil {
		p.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		p.t.Fatalf("look around: %s", res.Status)
	}
	return c
}

var place = regexp.MustCompile(`at=(\d+)`)

// send posts a reply; 0 says that it was not acknowledged.
func (p *program) send(c *http.Client, request string) int {
	res, err := c.PostForm("http://"+p.listen+"/c/basel/discussions/1/reply", url.Values{"request": {request}, "body": {"crash " + request}, "lang": {"de"}})
	if err != nil {
		return 0
	}
	res.Body.Close()
	m := place.FindStringSubmatch(res.Header.Get("Location"))
	if res.StatusCode != http.StatusSeeOther || m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits
	return n
}

// A crowd posts while do kills something. Whoever got no answer sends the same form again. In the end every form is there
// once, under the number that was acknowledged, and the numbers have no gaps.
func (p *program) survives(t *testing.T, do func()) {
	t.Helper()
	const writers, each = 16, 25
	c := p.visitor()
	acknowledged := make(map[string]int)
	var mu sync.Mutex
	var wait sync.WaitGroup
	half := make(chan struct{})
	var sent int
	for range writers {
		wait.Go(func() {
			for range each {
				request := uuid.NewString()
				n := p.send(c, request)
				mu.Lock()
				acknowledged[request] = n
				if sent++; sent == writers*each/3 {
					close(half)
				}
				mu.Unlock()
			}
		})
	}
	<-half
	do()
	wait.Wait()
	p.ready()
	lost := 0
	for request, n := range acknowledged {
		again := 0
		for end := time.Now().Add(30 * time.Second); again == 0 && time.Now().Before(end); {
			again = p.send(c, request)
		}
		if n == 0 {
			lost++
		}
		if again == 0 || n != 0 && again != n {
			t.Errorf("acknowledged as %d, sent again as %d", n, again)
		}
	}
	t.Logf("%d of %d forms got no answer at first", lost, len(acknowledged))
	p.count(t, acknowledged)
}

func (p *program) count(t *testing.T, acknowledged map[string]int) {
	t.Helper()
	_, socket := p.postmaster()
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres:///koinon?host=%s&user=koinon", url.QueryEscape(socket)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `select t.body, count(*) from item_text t where t.body like 'crash %' group by 1`)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int{}
	var body string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&body, &n}, func() error { stored[strings.TrimPrefix(body, "crash ")] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	for request := range acknowledged {
		if stored[request] != 1 {
			t.Errorf("form %s is stored %d times", request, stored[request])
		}
	}
	var replies, highest, distinct, counted int
	err = conn.QueryRow(t.Context(), `select count(*), max(i.number), count(distinct i.number), max(d.replies) from item i join discussion d on d.item_id = i.parent_id
		join item p on p.id = i.parent_id join community c on c.id = p.community_id where c.slug = 'basel' and p.number = 1 and p.kind = 'discussion'`).Scan(&replies, &highest, &distinct, &counted)
	if err != nil || replies != highest || replies != distinct || replies != counted {
		t.Errorf("%d replies, highest number %d, %d different, %d counted, %v", replies, highest, distinct, counted, err)
	}
}

func TestNothingAcknowledgedIsLostOrDoubledThroughKills(t *testing.T) {
	t.Parallel()
	p := build(t)
	p.start()
	t.Run("kill -9 of the server", func(t *testing.T) {
		p.survives(t, func() {
			p.kill()
			p.start()
		})
	})
	t.Run("kill -9 of the database", func(t *testing.T) {
		p.survives(t, func() {
			pid, _ := p.postmaster()
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("kill -9 of both", func(t *testing.T) {
		p.survives(t, func() {
			pid, _ := p.postmaster()
			p.kill()
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			p.start()
		})
	})
}

func TestASecondServeOnTheSameFolderIsRefusedAndOtherCommandsAttach(t *testing.T) {
	t.Parallel()
	p := build(t)
	p.start()
	second := exec.Command(p.binary, "serve")
	second.Env = append(p.env(), "KOINON_LISTEN=127.0.0.1:0", "KOINON_BASE_URL=http://127.0.0.1")
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another koinon is serving") {
		t.Errorf("got %v: %s", err, out)
	}
	for _, args := range [][]string{{"migrate"}, {"administrator", "new@example.org", "New Admin"}} {
		cmd := exec.Command(p.binary, args...)
		cmd.Env = p.env()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		} else if args[0] == "administrator" && !strings.Contains(string(out), "/sign-in/") {
			t.Errorf("no link: %s", out)
		}
	}
}

func TestFaultsOfSettingsAreNamedTogether(t *testing.T) {
	t.Parallel()
	p := build(t)
	cmd := exec.Command(p.binary, "serve")
	cmd.Env = append(os.Environ(), "KOINON_LISTEN=0.0.0.0:80", "KOINON_DEMO=yes", "KOINON_BASE_URL=nonsense", "KOINON_SIGN_UP=perhaps", "KOINON_SMTP_URL=mail.example.org", "KOINON_TRUSTED_PROXIES=home")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("it starts")
	}
	for _, want := range []string{"KOINON_DEMO", "KOINON_BASE_URL", "KOINON_SIGN_UP", "KOINON_SMTP_URL", "KOINON_TRUSTED_PROXIES"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not named: %s", want, out)
		}
	}
}
