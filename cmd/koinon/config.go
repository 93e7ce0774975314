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

// readConfig names all faults together.
func readConfig(getenv func(string) string) (config, error) {
	get := func(name, otherwise string) string {
		if v := strings.TrimSpace(getenv(name)); v != "" {
			return v
		}
		return otherwise
	}
	var faults []error
	fault := func(name, what string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: %s", name, fmt.Sprintf(what, args...)))
	}
	c := config{
		Listen:        get("KOINON_LISTEN", "127.0.0.1:8080"),
		MetricsListen: get("KOINON_METRICS_LISTEN", ""),
		DatabaseURL:   get("KOINON_DATABASE_URL", ""),
		Dir:           get("KOINON_DIR", "var"),
		SMTP:          get("KOINON_SMTP_URL", ""),
	}
	c.DirectURL = get("KOINON_DATABASE_DIRECT_URL", c.DatabaseURL)
	for name, address := range map[string]string{"KOINON_LISTEN": c.Listen, "KOINON_METRICS_LISTEN": c.MetricsListen} {
		if _, _, err := net.SplitHostPort(address); err != nil && address != "" {
			fault(name, "%q is not host:port", address)
		}
	}
	base, err := url.Parse(get("KOINON_BASE_URL", "http://"+c.Listen))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || strings.Trim(base.Path, "/") != "" {
		fault("KOINON_BASE_URL", "%q is not an address like https://koinon.example.org", get("KOINON_BASE_URL", ""))
		base = &url.URL{Scheme: "http", Host: c.Listen}
	}
	base.Path = ""
	c.BaseURL = base
	c.MailFrom = get("KOINON_MAIL_FROM", "koinon@"+mailHost(base.Hostname()))
	if sender, err := mail.ParseAddress(c.MailFrom); err != nil {
		fault("KOINON_MAIL_FROM", "%q is no mail address", c.MailFrom)
	} else {
		c.MailFrom = sender.Address
	}
	if c.SMTP != "" {
		if u, err := url.Parse(c.SMTP); err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Host == "" {
			fault("KOINON_SMTP_URL", "not an address like smtps://user:password@mail.example.org:465")
		}
	}
	c.Demo = flag(get("KOINON_DEMO", "no"), "KOINON_DEMO", "yes", "no", fault)
	c.SignUpOpen = flag(get("KOINON_SIGN_UP", "open"), "KOINON_SIGN_UP", "open", "invitation", fault)
	for _, p := range strings.FieldsFunc(get("KOINON_TRUSTED_PROXIES", ""), func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			if a, e := netip.ParseAddr(p); e == nil {
				prefix, err = netip.PrefixFrom(a, a.BitLen()), nil
			}
		}
		if err != nil {
			fault("KOINON_TRUSTED_PROXIES", "%q is neither an address nor a network", p)
			continue
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	if c.Demo && !loopback(c.Listen) {
		fault("KOINON_DEMO", "anybody can sign in as anybody in demonstration mode, so KOINON_LISTEN must be a loopback address, not %q", c.Listen)
	}
	return c, errors.Join(faults...)
}

func flag(got, name, yes, no string, fault func(string, string, ...any)) bool {
	switch strings.ToLower(got) {
	case yes, "1", "true":
		return true
	case no, "0", "false":
		return false
	}
	fault(name, "%q is neither %s nor %s", got, yes, no)
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
