package calendar

import (
	"bytes"
	"unicode/utf8"
)

const longest = 75 // octets of a line, without its end

// fold breaks long lines as RFC 5545 section 3.1 asks, never inside a character; go-ical leaves them as they are.
func fold(file []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(file) + len(file)/30)
	for line := range bytes.SplitSeq(bytes.TrimSuffix(file, []byte("\r\n")), []byte("\r\n")) {
		room := longest
		for len(line) > room {
			cut := room
			for !utf8.RuneStart(line[cut]) {
				cut--
			}
			out.Write(line[:cut])
			out.WriteString("\r\n ")
			line, room = line[cut:], longest-1
		}
		out.Write(line)
		out.WriteString("\r\n")
	}
	return out.Bytes()
}
