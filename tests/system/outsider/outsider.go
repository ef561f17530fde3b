// An outsider's check of an evidence bundle, or of one person's proof, from docs/evidence.md and the libraries of Go's own checksum database: signed
// notes and transparency logs.  Nothing of Lectern's is in it.  Says nothing where all holds; else names the record, and exits 1.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var folder string

func fail(format string, values ...interface{}) {
	fmt.Printf(format+"\n", values...)
	os.Exit(1)
}

func read(name string) []byte {
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		fail("%v", err)
	}
	return content
}

// lines of a file, each of which must end.
func lines(name string) [][]byte {
	all := bytes.Split(read(name), []byte("\n"))
	if len(all[len(all)-1]) != 0 {
		fail("%s: the last line does not end", name)
	}
	return all[:len(all)-1]
}

type line struct {
	Seq    int64  `json:"seq"`
	Day    string `json:"day"`
	Kind   string `json:"kind"`
	Commit string `json:"commit"`
}

type document struct {
	Previous *int64          `json:"previous"`
	Subject  string          `json:"subject"`
	Record   json.RawMessage `json:"record"`
}

type head struct {
	size int64
	root tlog.Hash
}

func openNote(text []byte, keys note.Verifiers) head {
	opened, err := note.Open(text, keys)
	if err != nil {
		fail("checkpoint: %v", err)
	}
	parts := strings.Split(opened.Text, "\n")
	if len(parts) != 4 || parts[0] != opened.Sigs[0].Name {
		fail("checkpoint: it has another form")
	}
	size, err := strconv.ParseInt(parts[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || err2 != nil || len(root) != tlog.HashSize {
		fail("checkpoint: it has another form")
	}
	told := head{size: size}
	copy(told.root[:], root)
	return told
}

// The hashes that tlog wants stored, in memory.
type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found = append(found, s[index])
	}
	return found, nil
}

func main() {
	folder = os.Args[1]
	if facts, err := os.Stat(folder); err == nil && !facts.IsDir() {
		checkProof()
		return
	}
	var verifiers []note.Verifier
	for _, text := range lines("keys") {
		verifier, err := note.NewVerifier(string(text))
		if err != nil {
			fail("keys: %v", err)
		}
		verifiers = append(verifiers, verifier)
	}
	keys := note.VerifierList(verifiers...)
	newest := openNote(read("checkpoint"), keys)

	var hashes store
	var records []line
	leaves := read("leaves")
	for at, text := range lines("log.jsonl") {
		var told line
		again := ""
		if err := json.Unmarshal(text, &told); err == nil {
			again = fmt.Sprintf(`{"seq":%d,"day":%q,"kind":%q,"commit":%q}`, told.Seq, told.Day, told.Kind, told.Commit)
		}
		leaf := tlog.RecordHash(text)
		if again != string(text) || told.Seq != int64(at) {
			fail("record %d: its line is missing, moved or damaged", at)
		}
		if len(leaves) < (at+1)*tlog.HashSize || !bytes.Equal(leaf[:], leaves[at*tlog.HashSize:(at+1)*tlog.HashSize]) {
			fail("record %d: its line was changed", at)
		}
		stored, err := tlog.StoredHashes(int64(at), text, hashes)
		if err != nil {
			fail("record %d: %v", at, err)
		}
		hashes = append(hashes, stored...)
		records = append(records, told)
	}
	if int64(len(records)) < newest.size {
		fail("record %d: its line is missing", len(records))
	}
	root, err := tlog.TreeHash(newest.size, hashes)
	if err != nil || root != newest.root || int64(len(records)) != newest.size {
		fail("the lines do not give the root of the checkpoint")
	}
	checkOlder(newest, hashes, keys)
	checkDocuments(newest, hashes, records)
}

// One person's proof: a file, whose keys are in its own records.
func checkProof() {
	content, err := os.ReadFile(folder)
	if err != nil {
		fail("%v", err)
	}
	all := bytes.Split(bytes.TrimSuffix(content, []byte("\n")), []byte("\n"))
	var told struct {
		Checkpoint string `json:"checkpoint"`
		Subject    string `json:"subject"`
	}
	if err := json.Unmarshal(all[0], &told); err != nil {
		fail("the head: %v", err)
	}
	type proven struct {
		Document string   `json:"document"`
		Line     string   `json:"line"`
		Path     []string `json:"path"`
		Salt     string   `json:"salt"`
		line     line
	}
	var records []proven
	var verifiers []note.Verifier
	previous, found := int64(0), false
	for at, text := range all[1:] {
		var record proven
		if json.Unmarshal(text, &record) != nil || json.Unmarshal([]byte(record.Line), &record.line) != nil {
			fail("line %d is no record", at+2)
		}
		seq := record.line.Seq
		salt, err := hex.DecodeString(record.Salt)
		commitment := sha256.Sum256([]byte("rec-v1\x00" + string(salt) + record.Document))
		if err != nil || hex.EncodeToString(commitment[:]) != record.line.Commit {
			fail("record %d: its document was changed", seq)
		}
		var content document
		if err := json.Unmarshal([]byte(record.Document), &content); err != nil {
			fail("record %d: %v", seq, err)
		}
		if record.line.Kind == "key" {
			var key struct {
				Key string `json:"key"`
			}
			if err := json.Unmarshal(content.Record, &key); err != nil {
				fail("record %d: %v", seq, err)
			}
			verifier, err := note.NewVerifier(key.Key)
			if err != nil {
				fail("record %d: %v", seq, err)
			}
			verifiers = append(verifiers, verifier)
		} else if content.Subject != told.Subject {
			fail("record %d: it is of somebody else", seq)
		} else if (content.Previous != nil) != found || (found && *content.Previous != previous) {
			fail("record %d: one before it is missing", seq)
		} else {
			previous, found = seq, true
		}
		records = append(records, record)
	}
	newest := openNote([]byte(told.Checkpoint), note.VerifierList(verifiers...))
	for _, record := range records {
		var path tlog.RecordProof
		for _, digits := range record.Path {
			var hash tlog.Hash
			if count, err := hex.Decode(hash[:], []byte(digits)); err != nil || count != tlog.HashSize {
				fail("record %d: its path is none", record.line.Seq)
			}
			path = append(path, hash)
		}
		if err := tlog.CheckRecord(path, newest.size, newest.root, record.line.Seq, tlog.RecordHash([]byte(record.Line))); err != nil {
			fail("record %d: %v", record.line.Seq, err)
		}
	}
	if !found {
		fail("there is no record of the person in it")
	}
}

// Each checkpoint before is a prefix of the newest.
func checkOlder(newest head, hashes store, keys note.Verifiers) {
	for _, text := range lines("checkpoints.jsonl") {
		var told struct {
			Note string `json:"note"`
		}
		if err := json.Unmarshal(text, &told); err != nil {
			fail("checkpoints: %v", err)
		}
		older := openNote([]byte(told.Note), keys)
		proof, err := tlog.ProveTree(newest.size, older.size, hashes)
		if err == nil {
			err = tlog.CheckTree(proof, newest.size, newest.root, older.size, older.root)
		}
		if err != nil {
			fail("the checkpoint of %d records: %v", older.size, err)
		}
	}
}

func checkDocuments(newest head, hashes store, records []line) {
	last := map[string]int64{}
	before := int64(-1)
	exported, named := int64(-1), map[string]int64(nil)
	missing := int64(-1)
	for _, text := range lines("records.tsv") {
		parts := bytes.SplitN(text, []byte("\t"), 3)
		if len(parts) != 3 {
			fail("after record %d: a line of another form", before)
		}
		seq, err := strconv.ParseInt(string(parts[0]), 10, 64)
		if err != nil || seq <= before || seq >= int64(len(records)) {
			fail("record %d: its document is out of order", seq)
		}
		before = seq
		salt, err := hex.DecodeString(string(parts[1]))
		if err != nil || strings.ToLower(string(parts[1])) != string(parts[1]) {
			fail("record %d: its salt is none", seq)
		}
		commitment := sha256.Sum256(append(append([]byte("rec-v1\x00"), salt...), parts[2]...))
		if hex.EncodeToString(commitment[:]) != records[seq].Commit {
			fail("record %d: its document was changed", seq)
		}
		proof, err := tlog.ProveRecord(newest.size, seq, hashes)
		leaf := fmt.Sprintf(`{"seq":%d,"day":%q,"kind":%q,"commit":%q}`, seq, records[seq].Day, records[seq].Kind, hex.EncodeToString(commitment[:]))
		if err == nil {
			err = tlog.CheckRecord(proof, newest.size, newest.root, seq, tlog.RecordHash([]byte(leaf)))
		}
		if err != nil {
			fail("record %d: %v", seq, err)
		}
		var told document
		if err := json.Unmarshal(parts[2], &told); err != nil {
			fail("record %d: %v", seq, err)
		}
		previous, found := last[told.Subject]
		if told.Previous != nil && (!found || *told.Previous != previous) {
			fail("record %d: its document is missing", *told.Previous)
		}
		if records[seq].Kind == "export" {
			exported, missing = seq, -1
			var heads struct {
				Subjects map[string]int64 `json:"subjects"`
			}
			if err := json.Unmarshal(told.Record, &heads); err != nil {
				fail("record %d: %v", seq, err)
			}
			named = heads.Subjects
			for subject, seq := range named {
				if seen, found := last[subject]; (!found || seen != seq) && (missing < 0 || seq < missing) {
					missing = seq
				}
			}
		}
		last[told.Subject] = seq
	}
	for at := len(records) - 1; at >= 0; at-- {
		if records[at].Kind == "export" && int64(at) > exported {
			fail("record %d: its document is missing", at)
		}
	}
	if exported < 0 {
		fail("nothing says what belongs to the bundle")
	}
	if missing >= 0 {
		fail("record %d: its document is missing", missing)
	}
}
