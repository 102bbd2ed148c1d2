"""Files that are not read, by their first bytes and by the endings of their names.

Each is named as reports should count it.
"""

from domain.errors import UnsupportedSource

PICTURES, SOUNDS, FILMS = "pictures", "sound recordings", "films"
FONTS, PROGRAMS, DATABASES = "fonts", "programs", "databases"
KEYS, IMAGES = "keys and certificates", "images of disks"
DRAWINGS, UNKNOWN = "drawings", "files of unknown kinds"
IWORK = "files of Apple's iWork: export them as PDF"
FLAT = "flat OpenDocument files: save them as .odt, .ods or .odp"
OTHER_OFFICE = "other files of Office and OpenDocument"
SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", PICTURES),
    (b"\xff\xd8\xff", PICTURES),
    (b"GIF87a", PICTURES),
    (b"GIF89a", PICTURES),
    (b"BM", PICTURES),
    (b"II*\0", PICTURES),
    (b"MM\0*", PICTURES),
    (b"\0\0\1\0", PICTURES),
    (b"8BPS", PICTURES),
    (b"ID3", SOUNDS),
    (b"OggS", SOUNDS),
    (b"fLaC", SOUNDS),
    (b"\x1aE\xdf\xa3", FILMS),
    (b"\0\1\0\0\0", FONTS),
    (b"OTTO", FONTS),
    (b"wOFF", FONTS),
    (b"wOF2", FONTS),
    (b"\x7fELF", PROGRAMS),
    (b"MZ", PROGRAMS),
    (b"\xca\xfe\xba\xbe", PROGRAMS),
    (b"\xcf\xfa\xed\xfe", PROGRAMS),
    (b"\0asm", PROGRAMS),
    (b"SQLite format 3\0", DATABASES),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archives"),
    (b"Rar!\x1a\x07", "RAR archives"),
    (b"{\\rtf", "rich text files (.rtf): save them as .docx"),
)
BY_SUFFIX = {
    suffix: what
    for what, line in {
        PICTURES: ".jpg .jpeg .png .gif .webp .bmp .tif .tiff .ico .svg .heic .avif .psd .ai .eps",
        SOUNDS: ".mp3 .wav .ogg .flac .m4a .aac .wma",
        FILMS: ".mp4 .mov .avi .mkv .webm .wmv .m4v .mpg .mpeg",
        FONTS: ".ttf .otf .woff .woff2 .eot",
        PROGRAMS: ".exe .dll .so .dylib .o .a .class .jar .pyc .pyo .wasm .bin .dmg .msi "
        ".apk .aab .aar .ipa .war .ear .whl .egg .xpi .crx",
        DRAWINGS: ".vsdx .vsd .odg .dwg .dxf .sketch .xmind",
        KEYS: ".key .pem .p12 .pfx .p7s .p7b .der .crt .cer .gpg .pgp .jks .kdbx",
        IMAGES: ".iso .img .vmdk .vdi .vhd .qcow2",
        IWORK: ".pages .numbers",
        FLAT: ".fodt .fods .fodp .fodg",
        DATABASES: ".db .sqlite .sqlite3 .mdb .accdb .parquet .feather .pkl .npy .npz .h5",
    }.items()
    for suffix in line.split()
}

PACKAGES = {".key": IWORK, ".odb": DATABASES, ".kmz": "maps", ".xps": OTHER_OFFICE}
"""What archives with these endings are."""


def refusal(what: str) -> UnsupportedSource:
    """``pictures are not read``; behind a colon in ``what`` follows what a person can do."""
    kind, _, advice = what.partition(": ")
    return UnsupportedSource(f"{kind} are not read" + (f": {advice}" if advice else ""))
