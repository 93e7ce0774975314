package file

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"strings"
)

// Bounds of what an office file may be: it is a ZIP, and nothing of it is unpacked here but one small entry.
const (
	maxDirectory = 2 << 20   // bytes of its list of entries
	maxUnpacked  = 512 << 20 // bytes that it claims to hold
	maxTimes     = 200       // how many times its own size it may claim to hold, beyond 32 MB
	maxEntry     = 1 << 20   // bytes of the entry that says what it is
)

// mains are the parts of OOXML files, by what the file is then. What may run macros has other types, and is not here.
var mains = map[string]string{docx + ".main+xml": docx, xlsx + ".main+xml": xlsx, pptx + ".main+xml": pptx}

// officeOf tells an office file by what its ZIP says of itself.
func officeOf(u Upload) (string, error) {
	if !soundEnd(u) {
		return unknown, problem(u, "file-kind")
	}
	archive, err := zip.NewReader(u, u.Size)
	if err != nil {
		return unknown, problem(u, "file-kind")
	}
	var unpacked, packed uint64
	entries := map[string]*zip.File{}
	for _, e := range archive.File {
		unpacked += min(e.UncompressedSize64, 1<<40)
		packed += min(e.CompressedSize64, 1<<40)
		if entries[e.Name] != nil {
			return unknown, problem(u, "file-kind")
		}
		entries[e.Name] = e
		if low := strings.ToLower(e.Name); strings.HasSuffix(low, "vbaproject.bin") || strings.HasPrefix(low, "basic/") || strings.HasPrefix(low, "scripts/") {
			return unknown, problem(u, "file-macros")
		}
	}
	// Entries that lie over one another add up to more than there is: a way to make a bomb.
	if packed > uint64(u.Size) || unpacked > maxUnpacked || unpacked > 32<<20 && unpacked > maxTimes*uint64(u.Size) {
		return unknown, problem(u, "file-bomb")
	}
	return spoken(u, archive, entries)
}

// soundEnd looks at the end of a ZIP before its entries are read, so that a list without end cannot fill the memory.
func soundEnd(u Upload) bool {
	tail := make([]byte, min(u.Size, 22+64<<10))
	if _, err := u.ReadAt(tail, u.Size-int64(len(tail))); err != nil && err != io.EOF {
		return false
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < 22 {
		return false
	}
	start := int64(binary.LittleEndian.Uint32(tail[at+16:]))
	return start < u.Size && u.Size-start <= maxDirectory+22+64<<10
}

func spoken(u Upload, archive *zip.Reader, entries map[string]*zip.File) (string, error) {
	if len(archive.File) == 0 {
		return unknown, problem(u, "file-kind")
	}
	if first := archive.File[0]; first.Name == "mimetype" {
		said, err := small(first)
		media := string(said)
		if err == nil && (media == odt || media == ods || media == odp || media == odg) {
			return media, nil
		}
	}
	types := entries["[Content_Types].xml"]
	if types == nil {
		return unknown, problem(u, "file-kind")
	}
	raw, err := small(types)
	if err != nil {
		return unknown, problem(u, "file-kind")
	}
	var said struct {
		Override []struct {
			ContentType string `xml:",attr"`
		}
	}
	if err := xml.Unmarshal(raw, &said); err != nil {
		return unknown, problem(u, "file-kind")
	}
	found := unknown
	for _, part := range said.Override {
		low := strings.ToLower(part.ContentType)
		if strings.Contains(low, "macroenabled") || strings.Contains(low, "vbaproject") {
			return unknown, problem(u, "file-macros")
		}
		if media := mains[low]; media != unknown {
			found = media
		}
	}
	if found == unknown {
		return unknown, problem(u, "file-kind")
	}
	return found, nil
}

func small(e *zip.File) ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxEntry))
}
