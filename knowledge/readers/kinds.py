"""The kinds of files that are read, by their media types."""

MARKDOWN = "text/markdown"
TEXT = "text/plain"
HTML = "text/html"
RST = "text/x-rst"
SOURCE_CODE = "text/x-source-code"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODT = "application/vnd.oasis.opendocument.text"
ODP = "application/vnd.oasis.opendocument.presentation"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
CSV = "text/csv"
TSV = "text/tab-separated-values"
EML = "message/rfc822"
MSG = "application/vnd.ms-outlook"
MBOX = "application/mbox"
CALENDAR = "text/calendar"
CONTACTS = "text/vcard"
EPUB = "application/epub+zip"
JSON = "application/json"
JSON_LINES = "application/jsonl"
YAML = "application/yaml"
NOTEBOOK = "application/x-ipynb+json"
ZIP = "application/zip"
TAR = "application/x-tar"
GZIP = "application/gzip"

_BY_SUFFIX = {
    MARKDOWN: ".md .markdown .mdown .mkd .mdx",
    TEXT: ".txt .text .log",
    HTML: ".html .htm .xhtml .shtml",
    RST: ".rst .rest",
    CSV: ".csv",
    TSV: ".tsv .tab",
    EML: ".eml",
    MBOX: ".mbox",
    CALENDAR: ".ics .ical",
    CONTACTS: ".vcf .vcard",
    JSON: ".json",
    JSON_LINES: ".jsonl .ndjson",
    YAML: ".yaml .yml",
    NOTEBOOK: ".ipynb",
    SOURCE_CODE: ".py .pyi .js .mjs .cjs .ts .tsx .jsx .java .kt .kts .scala .go .rs .c .h .cc "
    ".cpp .hpp .cs .swift .m .rb .php .pl .lua .r .jl .sh .bash .zsh .fish .ps1 .bat .sql .graphql "
    ".proto .tf .hcl .toml .ini .cfg .conf .properties .gradle .groovy .dart .ex .exs .erl .hs "
    ".ml .clj .vue .svelte .css .scss .less .xml .xsd .wsdl .plist .tex .vb .vbs .asm .s .f90",
    # What is told by its first bytes: only a file that does not begin so is looked up here.
    PDF: ".pdf",
    DOCX: ".docx .docm .dotx .dotm",
    PPTX: ".pptx .pptm .potx .ppsx",
    XLSX: ".xlsx .xlsm .xltx .xlsb",
    XLS: ".xls",
    ODT: ".odt .ott",
    ODP: ".odp .otp",
    ODS: ".ods .ots",
    MSG: ".msg",
    EPUB: ".epub",
    ZIP: ".zip",
    TAR: ".tar",
    GZIP: ".gz .tgz .bz2 .xz",
}
SUFFIXES = {suffix: kind for kind, line in _BY_SUFFIX.items() for suffix in line.split()}
"""The kind that each ending of a name stands for."""
