#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""formats.py - readers of the formats of 'holdfast report', for formats.sh

Each command reads one with the standard library, holds it against the casebook's own tables, and the truth of the
fixture, and prints what it has counted. It dies with a sentence where they differ.
"""
import csv
import datetime
import hashlib
import io
import json
import re
import sqlite3
import sys
import uuid
import xml.etree.ElementTree as tree

DFXML = "{http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML}"
EPOCH = 116444736000000000
GRADES = ["verified", "intact", "suspect", "partial", "lost"]
MARKS = {0x61c, 0x200e, 0x200f, 0xfeff, *range(0x2028, 0x202f), *range(0x2066, 0x206a)}


def need(what, *words):
    if not what:
        sys.exit(" ".join(repr(word) if not isinstance(word, str) else word for word in words))


def casebook(path):
    book = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    book.text_factory = bytes
    return book


# -------- names --------

def is_unsafe(point):
    return (point < 0x20 or 0x7f <= point < 0xa0 or 0xd800 <= point < 0xe000 or point in MARKS or
            point & 0xfffe == 0xfffe)


def escaped(name, unsafe=""):
    """One name, without its folders, as the formats have it."""
    out = ""
    for at, char in enumerate(name):
        reads = char == "%" and re.match("[0-9A-Fa-f]{4}", name[at + 1:])
        out += f"%{ord(char):04X}" if char in "/\\" + unsafe or is_unsafe(ord(char)) or reads else char
    return out


def plain(text):
    """The way back, a separator excepted."""
    return re.sub("%([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)


def names_of(wtf8):
    """The names of a path in the casebook."""
    names = []
    for name in wtf8.split(b"\\"):
        name = name.replace(b"\xc0\x80", b"\0").replace(b"\xc0\xaf", b"/").replace(b"\xc1\x9c", b"\\")
        names.append(name.decode("utf-8", "surrogatepass"))
    return names


def path_of(wtf8, separator="\\", unsafe=""):
    return separator.join(escaped(name, unsafe) for name in names_of(wtf8))


def truth(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines][1:]


def store_paths(entry):
    """Paths in the store of one line of the truth."""
    parts = entry.get("name_parts") or [None] * len(entry["names"])
    for name, part in zip(entry["names"], parts):
        names = part or name.split("/")
        yield "File\\" + "\\".join(escaped(one) for one in names)


# -------- formats --------

def check_csv(path, case, truth_path):
    book = casebook(case)
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    need(text.endswith("\r\n") and text.count("\n") == text.count("\r\n"), "lines do not end as RFC 4180 has it")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    wanted = sorted((file, path_of(name), path_of(inside) if inside else "", proof, live, dos, offset)
                    for file, name, inside, proof, live, dos, offset in book.execute(
                        "SELECT file, path, inside, proof, live, dos, offset FROM name"))
    proofs = ["proven", "derived", "guessed"]
    got = sorted((int(row["file"]), row["path"], row["path_in_store"], proofs.index(row["proof"]), int(row["name_live"]),
                  int(row["dos"]), int(row["source_offset"] or -1)) for row in rows if row["path"])
    need(got == wanted, "names differ from the casebook:", next((pair for pair in zip(got, wanted) if pair[0] != pair[1]), ""))
    files = {int(row["file"]): row for row in rows}
    missing = dict(book.execute("SELECT file, missing FROM stream WHERE type=128 AND name='' AND missing IS NOT NULL"))
    for file, record, sequence, size, grade, written, known in book.execute(
            "SELECT id, record, sequence, size_bytes, grade, written, info_known FROM file"):
        row = files.pop(file)
        need((int(row["record"]), int(row["sequence"]), int(row["size_bytes"]), row["grade"]) ==
             (record, sequence, size, GRADES[grade]), "file", file, "differs:", row)
        ranges = [tuple(map(int, one.split("+"))) for one in row["missing"].split(";") if one]
        blob = missing.get(file, b"")
        need(ranges == [(int.from_bytes(blob[at:at + 8], "little"), int.from_bytes(blob[at + 8:at + 16], "little"))
                        for at in range(0, len(blob), 16)], "file", file, "misses other bytes:", row["missing"])
        need(int(row["missing_bytes"]) == sum(length for start, length in ranges), "file", file, "misses other bytes")
        need(bool(row["written"]) == bool(known and written), "file", file, "was written at", row["written"])
    need(not files, "files that the casebook does not have:", files)
    for row in rows:
        for cell in row.values():
            need(not re.match("[=+@\\-\t\r\uff1d\uff0b\uff0d\uff20]", cell), "a formula:", cell)
    inside = {row["path_in_store"] for row in rows}
    held = [name for entry in truth(truth_path) if entry["store"] and entry["kind"] == "file" and entry["names"]
            for name in store_paths(entry)]
    print(len(rows), len(held), sum(name in inside for name in held))


def check_bodyfile(path, case, timeline):
    """The body file, and what mactime -d -y has made of it: every moment of every name, the name as it is elsewhere."""
    book = casebook(case)
    wanted, moments = [], set()
    for row in book.execute(
            "SELECT f.volume, f.record, f.directory, f.live, f.size_bytes, f.info_known, f.accessed, f.written, f.changed,"
            " f.created, n.path, n.live, n.accessed, n.written, n.changed, n.created"
            " FROM file f LEFT JOIN name n ON n.file=f.id AND NOT n.dos"):
        volume, record, directory, live, size, known, *times, name, name_live = row[:12]
        name = path_of(name, "/") if name else "/$Nameless"
        deleted = " (deleted)" if not live or not name_live else ""
        kind = "144" if directory else "128"
        bytewise = name.replace("%", "%25").replace("|", "%7C")
        for kind, remark, size, times in ((kind, "", size, times if known else []), ("48", " ($FILE_NAME)", 0, row[12:])):
            if remark and not any(times):
                continue
            times = [(time - EPOCH) // 10000000 if time else 0 for time in times] or [0] * 4
            wanted.append((f"V{volume}:{bytewise}{remark}{deleted}", f"{record}-{kind}", size, *times))
            if any(times):
                moments |= {(f"V{volume}:{name}{remark}{deleted}", f"{record}-{kind}", time) for time in times if time >= 0}
    got = []
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("|")
            need(len(fields) == 11, "not eleven fields:", line)
            got.append((fields[1], fields[2], int(fields[6]), *map(int, fields[7:])))
    need(sorted(got) == sorted(wanted), "differs from the casebook:",
         next((pair for pair in zip(sorted(got), sorted(wanted)) if pair[0] != pair[1]), ""))
    with open(timeline, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    told = set()
    for row in rows:
        when = row["Date"].replace("0000-00-00T00:00:00Z", "1970-01-01T00:00:00Z")
        when = datetime.datetime.strptime(when, "%Y-%m-%dT%H:%M:%SZ") - datetime.datetime(1970, 1, 1)
        told.add((row["File Name"], row["Meta"], when.days * 86400 + when.seconds))
    need(told == moments, "mactime tells other moments:", next(iter(told ^ moments), ""))
    need(len(rows) == len(moments), "mactime has", len(rows), "lines, and moments are", len(moments))
    print(len(got))


def check_dfxml(path, case, image, truth_path):
    """Reads the contents where the runs say, and digests them."""
    book = casebook(case)
    known = {(entry["volume"], entry["record"], entry["sequence"]): entry for entry in truth(truth_path)
             if entry["kind"] == "file" and not entry["overwritten"] and "sha256" in entry}
    read = objects = errors = 0
    volume = 0
    best = {}
    for file, name, parent, rank in book.execute(
            "SELECT file, path, parent, dos*8 + (store>0)*4 + proof FROM name ORDER BY file, number"):
        if file not in best or rank < best[file][2]:
            best[file] = (path_of(name, "/").lstrip("/") if rank < 8 else None, str(parent & 0xffffffffffff) if parent else None, rank)
    with open(image, "rb") as disk:
        for event, element in tree.iterparse(path, ("start", "end")):
            if event == "start":
                volume += element.tag == DFXML + "volume"
                continue
            if element.tag != DFXML + "fileobject":
                continue
            objects += 1
            errors += element.find(DFXML + "error") is not None
            file = int(element.findtext(DFXML + "id"))
            last = ([None] + [one.text for one in element.findall(DFXML + "filename")])[-1]
            name, parent, _ = best.get(file, (None, None, 0))
            need(parent == element.findtext(DFXML + "parent_object/" + DFXML + "inode"), "file", file, "lies in another folder")
            need(last == name or (last and last.startswith(name + ":")), "file", file, "has another name last:", last, name)
            runs = element.find(DFXML + "byte_runs")
            key = (volume, int(element.findtext(DFXML + "inode")), int(element.findtext(DFXML + "seq")))
            entry = known.get(key)
            if entry and runs is not None and len(runs) and element.findtext(DFXML + "compressed") != "1" and \
                    "resident" not in [run.get("type") for run in runs] and \
                    element.find(DFXML + "error") is None and int(element.findtext(DFXML + "filesize")) == entry["size"]:
                digest = hashlib.sha256()
                end = 0
                for run in runs:
                    need(int(run.get("file_offset")) == end, "runs leave a gap:", key)
                    end += int(run.get("len"))
                    if run.get("fill"):
                        digest.update(bytes(int(run.get("len"))))
                        continue
                    disk.seek(int(run.get("img_offset")))
                    digest.update(disk.read(int(run.get("len"))))
                need(end == entry["size"], "runs of", end, "bytes:", key, element.findtext(DFXML + "filename"))
                need(digest.hexdigest() == entry["sha256"], "not the content:", key, element.findtext(DFXML + "filename"))
                read += 1
            element.clear()
    files, streams = book.execute("SELECT (SELECT count(*) FROM file), (SELECT count(*) FROM stream WHERE type=128 AND name!='')").fetchone()
    need(objects == files + streams, objects, "objects of", files, "files and", streams, "streams")
    damaged = book.execute("SELECT (SELECT count(*) FROM stream WHERE type=128 AND grade>1) + (SELECT count(*) FROM file f"
                           " WHERE grade>1 AND NOT EXISTS(SELECT 1 FROM stream s WHERE s.file=f.id AND type=128 AND name=''))").fetchone()[0]
    need(errors == damaged, errors, "errors, and damaged are", damaged)
    print(objects, errors, read)


UCO = "https://ontology.unifiedcyberontology.org/uco/"
CASE = "https://ontology.caseontology.org/case/"
XSD = "http://www.w3.org/2001/XMLSchema#"
MANY = None
RECOVERED = ("vocabulary:RecoveredObjectStatusVocab", {"recovered", "partially recovered", "overwritten", "unknown"})
HASHES = ("vocabulary:HashNameVocab", {"MD5", "SHA1", "SHA256"})

# What the SHACL shapes of UCO 1.3 and CASE 1.3 ask for, as far as it is met with here. A class: those above it, and of
# each of its properties the type of literal, a vocabulary, or the class that it leads to; how often at least, and at most.
SHAPES = {
    "core:UcoThing": ([], {}),
    "core:UcoObject": (["core:UcoThing"], {
        "core:name": ("xsd:string", 0, 1), "core:description": ("xsd:string", 0, MANY), "core:tag": ("xsd:string", 0, MANY),
        "core:hasFacet": ("core:Facet", 0, MANY)}),
    "core:Item": (["core:UcoObject"], {}),
    "core:Facet": (["core:UcoThing"], {}),
    "core:ContextualCompilation": (["core:UcoObject"], {"core:object": ("core:UcoObject", 1, MANY)}),
    "core:Relationship": (["core:UcoObject"], {
        "core:source": ("core:UcoObject", 1, MANY), "core:target": ("core:UcoObject", 1, 1),
        "core:isDirectional": ("xsd:boolean", 1, 1), "core:kindOfRelationship": ("xsd:string", 0, 1)}),
    "action:Action": (["core:UcoObject"], {
        "action:startTime": ("xsd:dateTime", 0, 1), "action:endTime": ("xsd:dateTime", 0, 1),
        "action:environment": ("core:UcoObject", 0, 1), "action:instrument": ("core:UcoObject", 0, MANY),
        "action:object": ("core:UcoObject", 0, MANY), "action:result": ("core:UcoObject", 0, MANY)}),
    "investigation:InvestigativeAction": (["action:Action"], {}),
    "investigation:ProvenanceRecord": (["core:ContextualCompilation"], {}),
    "tool:Tool": (["core:UcoObject"], {"tool:version": ("xsd:string", 0, 1)}),
    "types:Hash": (["core:UcoThing"], {
        "types:hashMethod": (HASHES, 1, 1), "types:hashValue": ("xsd:hexBinary", 1, 1)}),
    "observable:Observable": (["core:UcoObject"], {}),
    "observable:ObservableObject": (["core:Item", "observable:Observable"], {}),
    "observable:ObservableRelationship": (["core:Relationship", "observable:Observable"], {
        "core:source": ("observable:Observable", 1, MANY), "core:target": ("observable:Observable", 1, 1)}),
    "observable:AlternateDataStream": (["observable:ObservableObject"], {}),
    "observable:Computer": (["observable:ObservableObject"], {}),
    "observable:FileSystem": (["observable:ObservableObject"], {}),
    "observable:File": (["observable:ObservableObject"], {}),
    "observable:Image": (["observable:ObservableObject"], {}),
    "observable:RecoveredObject": (["observable:ObservableObject"], {}),
    "observable:AlternateDataStreamFacet": (["core:Facet"], {
        "core:name": ("xsd:string", 0, 1), "observable:size": ("xsd:integer", 0, 1),
        "observable:hashes": ("types:Hash", 0, 1)}),
    "observable:ContentDataFacet": (["core:Facet"], {
        "observable:hash": ("types:Hash", 0, MANY), "observable:sizeInBytes": ("xsd:integer", 0, 1)}),
    "observable:DataRangeFacet": (["core:Facet"], {
        "observable:rangeOffset": ("xsd:integer", 0, 1), "observable:rangeSize": ("xsd:integer", 0, 1)}),
    "observable:FileFacet": (["core:Facet"], {
        "observable:fileName": ("xsd:string", 0, MANY), "observable:filePath": ("xsd:string", 0, MANY),
        "observable:isDirectory": ("xsd:boolean", 0, MANY), "observable:sizeInBytes": ("xsd:integer", 0, 1),
        "observable:observableCreatedTime": ("xsd:dateTime", 0, 1), "observable:modifiedTime": ("xsd:dateTime", 0, 1),
        "observable:metadataChangeTime": ("xsd:dateTime", 0, 1), "observable:accessedTime": ("xsd:dateTime", 0, 1)}),
    "observable:FileSystemFacet": (["core:Facet"], {
        "observable:fileSystemType": ("xsd:string", 0, 1), "observable:clusterSize": ("xsd:integer", 0, 1)}),
    "observable:ImageFacet": (["core:Facet"], {"observable:imageType": ("xsd:string", 0, 1)}),
    "observable:MftRecordFacet": (["core:Facet"], {
        "observable:mftFileID": ("xsd:integer", 0, 1), "observable:ntfsHardLinkCount": ("xsd:integer", 0, 1)}),
    "observable:NTFSFileFacet": (["core:Facet"], {
        "observable:alternateDataStreams": ("observable:AlternateDataStream", 0, MANY)}),
    "observable:PathRelationFacet": (["core:Facet"], {"observable:path": ("xsd:string", 0, MANY)}),
    "observable:RecoveredObjectFacet": (["core:Facet"], {
        "observable:contentRecoveredStatus": (RECOVERED, 0, 1), "observable:metadataRecoveredStatus": (RECOVERED, 0, 1),
        "observable:nameRecoveredStatus": (RECOVERED, 0, 1)}),
    "observable:VolumeFacet": (["core:Facet"], {
        "observable:volumeID": ("xsd:string", 0, 1), "observable:sectorSize": ("xsd:integer", 0, 1)}),
}


def iri(name):
    prefix, local = name.split(":")
    return {"xsd": XSD, "investigation": CASE + "investigation/"}.get(prefix, UCO + prefix + "/") + local


def classes_above(name):
    """It, and all above it."""
    return {name}.union(*(classes_above(above) for above in SHAPES[name][0]))


def check_shapes(path):
    """CASE's JSON-LD as a graph, by a reader that is not ours, and the graph against the shapes."""
    import rdflib
    graph = rdflib.Graph().parse(path, format="json-ld")
    known = {rdflib.URIRef(iri(name)): name for name in SHAPES}
    types, owners, values = {}, {}, {}
    for subject, predicate, value in graph:
        # the shapes do not let a UcoThing be a blank node, and advise that it ends with a UUID
        need(isinstance(subject, rdflib.URIRef), "a node without a name:", str(predicate))
        need(re.search("[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$", subject), "no UUID:", subject)
        if predicate == rdflib.RDF.type:
            need(value in known, "no such class:", value)
            types.setdefault(subject, set()).update(classes_above(known[value]))
        else:
            values.setdefault(subject, {}).setdefault(predicate, []).append(value)
    need(set(values) <= set(types), "nodes without a class:", set(values) - set(types))
    for subject, kinds in types.items():
        given, allowed = values.get(subject, {}), set()
        for kind in kinds:
            for name, (wanted, least, most) in SHAPES[kind][1].items():
                found = given.get(rdflib.URIRef(iri(name)), [])
                allowed.add(rdflib.URIRef(iri(name)))
                need(len(found) >= least and (most is MANY or len(found) <= most), len(found), "times", name, "in a", kind)
                for value in found:
                    check_value(rdflib, value, wanted, types, name)
        need(set(given) <= allowed, "not of this class:", set(given) - allowed, kinds)
        for facet in given.get(rdflib.URIRef(iri("core:hasFacet")), []):
            need(owners.setdefault(facet, subject) == subject, "one facet of two objects:", facet)
    parts = {subject for subject, kinds in types.items() if "core:Facet" in kinds}
    need(parts == set(owners), "facets of nothing:", parts - set(owners))
    print(len(types), len(graph))


def check_value(rdflib, value, wanted, types, name):
    wanted, members = (wanted, None) if isinstance(wanted, str) else wanted
    if wanted in SHAPES:
        need(wanted in types.get(value, ()), name, "leads to no", wanted)
        return
    need(isinstance(value, rdflib.Literal), name, "is no literal:", value)
    kind = value.datatype or rdflib.XSD.string
    need(str(kind) == iri(wanted) and value.language is None, name, "is a", str(kind), "and not", wanted)
    need(members is None or str(value) in members, name, "is not in the vocabulary:", str(value))
    need(wanted not in ("xsd:dateTime", "xsd:hexBinary", "xsd:integer", "xsd:boolean") or value.value is not None,
         name, "cannot be read:", str(value))


def nodes_of(value):
    """All with a class, wherever they stand."""
    if isinstance(value, dict):
        if "@type" in value and "@value" not in value:
            yield value
        for inner in value.values():
            yield from nodes_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes_of(inner)


def references(value):
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def check_case(path, case):
    book = casebook(case)
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    graph = document["@graph"]
    ids = [node["@id"] for node in nodes_of(graph)]
    need(len(ids) == len(set(ids)), "two nodes have one identifier")
    for name in ids:
        need(name.startswith("kb:") and uuid.UUID(name[3:]).version == 5, "no UUID of version 5:", name)
    need(set(references(graph)) <= {node["@id"] for node in graph}, "a reference leads nowhere")
    kinds = {}
    for node in graph:
        for kind in node["@type"] if isinstance(node["@type"], list) else [node["@type"]]:
            kinds.setdefault(kind, []).append(node)
    files = kinds["uco-observable:File"]
    rows = book.execute("SELECT count(*), sum(NOT live) FROM file").fetchone()
    need((len(files), len(kinds.get("uco-observable:RecoveredObject", []))) == (rows[0], rows[1] or 0), "not all files")
    need(len(kinds["case-investigation:InvestigativeAction"]) == 1 and len(kinds["uco-tool:Tool"]) == 1, "no action, or no tool")
    action = kinds["case-investigation:InvestigativeAction"][0]
    byid = {node["@id"]: node for node in graph}
    result = byid[action["uco-action:result"]["@id"]]
    need({item["@id"] for item in result["uco-core:object"]} == {node["@id"] for node in files}, "the result is not all files")
    seen = byid[action["uco-action:object"]["@id"]]
    need([byid[item["@id"]]["@type"] for item in seen["uco-core:object"]] ==
         ["uco-observable:Image"] * book.execute("SELECT count(*) FROM evidence").fetchone()[0], "the evidence is not the object")
    streams = {node["@id"]: node["uco-core:hasFacet"][0] for node in kinds.get("uco-observable:AlternateDataStream", [])}
    of = [item["@id"] for node in files for facet in node["uco-core:hasFacet"] for item in facet.get("uco-observable:alternateDataStreams", [])]
    need(sorted(of) == sorted(streams), "streams of no file, or of two")
    need(sorted((one["uco-core:name"], one["uco-observable:size"]) for one in streams.values()) == sorted(
        (path_of(name), size) for name, size in book.execute("SELECT name, size_bytes FROM stream WHERE type=128 AND name!=''")),
         "other streams")
    grades, sizes = {}, 0
    for node in files:
        grades[node["uco-core:tag"][0]] = grades.get(node["uco-core:tag"][0], 0) + 1
        facet = next(facet for facet in node["uco-core:hasFacet"] if facet["@type"] == "uco-observable:FileFacet")
        sizes += facet["uco-observable:sizeInBytes"]
    need(grades == {f"grade:{GRADES[grade]}": count for grade, count in book.execute("SELECT grade, count(*) FROM file GROUP BY grade")},
         "other grades:", grades)
    need(sizes == book.execute("SELECT sum(size_bytes) FROM file").fetchone()[0], "other sizes")
    print(len(graph), len(files))


def check_timesketch(path, case):
    book = casebook(case)
    counts = {"holdfast:file": 0, "holdfast:event": 0}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            need(all(isinstance(event[key], str) and event[key] for key in ("message", "datetime", "timestamp_desc")),
                 "a field is missing:", line)
            found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{7})Z", event["datetime"])
            need(found, "no time:", event["datetime"])
            seconds = datetime.datetime.fromisoformat(found[1]) - datetime.datetime(1970, 1, 1)
            micro = (seconds.days * 86400 + seconds.seconds) * 1000000 + int(found[2]) // 10
            need(micro == event["timestamp"], "another time:", line)
            counts[event["data_type"]] += 1
    times = book.execute("SELECT total(created>0)+total(written>0)+total(changed>0)+total(accessed>0) FROM file WHERE info_known").fetchone()[0]
    need(counts["holdfast:file"] == times, counts, "and the casebook has times:", times)
    print(counts["holdfast:file"], counts["holdfast:event"])


def check_harmless(path):
    """UTF-8, and nothing in it that could drive a terminal, or change what is read."""
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    for char in set(text) - set("\r\n"):
        need(not is_unsafe(ord(char)), "U+%04X in it" % ord(char))


def check_schema(schema, *documents):
    import jsonschema
    with open(schema, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in documents:
        with open(path, encoding="utf-8") as file:
            error = next(validator.iter_errors(json.load(file)), None)
        need(not error, error and "/".join(map(str, error.absolute_path)), error and error.message)


if __name__ == "__main__":
    globals()["check_" + sys.argv[1]](*sys.argv[2:])
