package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// config is every setting, read once from the environment.
type config struct {
	Listen         string         // KOINON_LISTEN
	MetricsListen  string         // KOINON_METRICS_LISTEN
	DatabaseURL    string         // KOINON_DATABASE_URL; empty: the private server in Dir
	DirectURL      string         // KOINON_DATABASE_DIRECT_URL: past a transaction pooler, for migrations
	Dir            string         // KOINON_DIR
	BaseURL        *url.URL       // KOINON_BASE_URL
	SMTP           string         // KOINON_SMTP_URL; empty: mail goes to Dir/mail
	MailFrom       string         // KOINON_MAIL_FROM
	Demo           bool           // KOINON_DEMO
	SignUpOpen     bool           // KOINON_SIGN_UP
	TrustedProxies []netip.Prefix // KOINON_TRUSTED_PROXIES
}

// reading is the environment while it is read, and what is wrong in it.
type reading struct {
	getenv func(string) string
	faults []error
}

func (r *reading) get(name, otherwise string) string {
	if v := strings.TrimSpace(r.getenv(name)); v != "" {
		return v
	}
	return otherwise
}

func (r *reading) fault(name, what string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: %s", name, fmt.Sprintf(what, args...)))
}

// readConfig names all faults together.
func readConfig(getenv func(string) string) (config, error) {
	r := &reading{getenv: getenv}
	c := config{
		Listen:         r.address("KOINON_LISTEN", "127.0.0.1:8080"),
		MetricsListen:  r.address("KOINON_METRICS_LISTEN", ""),
		DatabaseURL:    r.get("KOINON_DATABASE_URL", ""),
		Dir:            r.get("KOINON_DIR", "var"),
		SMTP:           r.get("KOINON_SMTP_URL", ""),
		Demo:           r.flag("KOINON_DEMO", "no", "yes", "no"),
		SignUpOpen:     r.flag("KOINON_SIGN_UP", "open", "open", "invitation"),
		TrustedProxies: r.networks("KOINON_TRUSTED_PROXIES"),
	}
	c.DirectURL = r.get("KOINON_DATABASE_DIRECT_URL", c.DatabaseURL)
	c.BaseURL = r.base("KOINON_BASE_URL", c.Listen)
	c.MailFrom = r.sender("KOINON_MAIL_FROM", "koinon@"+mailHost(c.BaseURL.Hostname()))
	if c.SMTP != "" {
		if u, err := url.Parse(c.SMTP); err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Host == "" {
			r.fault("KOINON_SMTP_URL", "not an address like smtps://user:password@mail.example.org:465")
		}
	}
	if c.Demo && !loopback(c.Listen) {
		r.fault("KOINON_DEMO", "anybody can sign in as anybody in demonstration mode, so KOINON_LISTEN must be a loopback address, not %q", c.Listen)
	}
	return c, errors.Join(r.faults...)
}

// address to listen at.
func (r *reading) address(name, otherwise string) string {
	address := r.get(name, otherwise)
	if _, _, err := net.SplitHostPort(address); err != nil && address != "" {
		r.fault(name, "%q is not host:port", address)
	}
	return address
}

// sender is the mail address in a name such as "Koinon <koinon@example.org>".
func (r *reading) sender(name, otherwise string) string {
	typed := r.get(name, otherwise)
	found, err := mail.ParseAddress(typed)
	if err != nil {
		r.fault(name, "%q is no mail address", typed)
		return typed
	}
	return found.Address
}

// base is the address at which people reach the site; without one, where it listens.
func (r *reading) base(name, listen string) *url.URL {
	base, err := url.Parse(r.get(name, "http://"+listen))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || strings.Trim(base.Path, "/") != "" {
		r.fault(name, "%q is not an address like https://koinon.example.org", r.get(name, ""))
		base = &url.URL{Scheme: "http", Host: listen}
	}
	base.Path = ""
	return base
}

// networks are addresses or networks with commas or spaces between them.
func (r *reading) networks(name string) (all []netip.Prefix) {
	for _, word := range strings.FieldsFunc(r.get(name, ""), func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(word)
		if a, single := netip.ParseAddr(word); err != nil && single == nil {
			prefix, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			r.fault(name, "%q is neither an address nor a network", word)
			continue
		}
		all = append(all, prefix)
	}
	return all
}

// flag is one of two words.
func (r *reading) flag(name, otherwise, yes, no string) bool {
	got := r.get(name, otherwise)
	switch strings.ToLower(got) {
	case yes, "1", "true":
		return true
	case no, "0", "false":
		return false
	}
	r.fault(name, "%q is neither %s nor %s", got, yes, no)
	return false
}

func mailHost(host string) string {
	if net.ParseIP(host) != nil || host == "" {
		return "localhost"
	}
	return host
}

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (c config) mailDir() string     { return filepath.Join(c.Dir, "mail") }
func (c config) postgresDir() string { return filepath.Join(c.Dir, "postgres") }
