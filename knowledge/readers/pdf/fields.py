"""What is laid over a page of a PDF: the fields of a form, links, and comments."""

from ctypes import byref, c_int, create_string_buffer
from itertools import islice
from typing import Any

import pypdfium2.raw as api
from pypdfium2 import PdfDocument

from knowledge.readers.pdf.frame import Frame
from knowledge.readers.pdf.page import Field, Link

_MOST = 1_000  # of each kind, on one page
_LONGEST = 100_000  # bytes of a field's value
_HIDDEN = 1 << 1  # an annotation's flag
_WRITTEN = {
    api.FPDF_ANNOT_TEXT,
    api.FPDF_ANNOT_FREETEXT,
    api.FPDF_ANNOT_HIGHLIGHT,
    api.FPDF_ANNOT_UNDERLINE,
    api.FPDF_ANNOT_STRIKEOUT,
    api.FPDF_ANNOT_SQUARE,
    api.FPDF_ANNOT_CIRCLE,
    api.FPDF_ANNOT_CARET,
}
"""Kinds of annotations in which people write."""


def fields_of(document: PdfDocument, page: Any, frame: Frame) -> list[Field]:
    """The fields of the page's forms that hold something; boxes to tick, whether ticked or not."""
    form = document.formenv
    if form is None:
        return []
    found = []
    for annotation in _annotations(page):
        if api.FPDFAnnot_GetSubtype(annotation) == api.FPDF_ANNOT_WIDGET:
            found += _field(form, annotation, frame)
    return found


def _field(form: Any, widget: Any, frame: Frame) -> list[Field]:
    kind = api.FPDFAnnot_GetFormFieldType(form, widget)
    rect = api.FS_RECTF()
    if not api.FPDFAnnot_GetRect(widget, rect):
        return []
    box = frame.box((rect.left, rect.bottom, rect.right, rect.top))
    called = _string(api.FPDFAnnot_GetFormFieldAlternateName, form, widget)
    name = called or _string(api.FPDFAnnot_GetFormFieldName, form, widget).replace("_", " ")
    if kind in (api.FPDF_FORMFIELD_CHECKBOX, api.FPDF_FORMFIELD_RADIOBUTTON):
        is_ticked = bool(api.FPDFAnnot_IsChecked(form, widget))
        return [Field(box, name, "[x]" if is_ticked else "[ ]", is_mark=True)]
    if kind in (api.FPDF_FORMFIELD_COMBOBOX, api.FPDF_FORMFIELD_LISTBOX):
        value = ", ".join(_chosen(form, widget))
        value = value or _string(api.FPDFAnnot_GetFormFieldValue, form, widget)
    elif kind == api.FPDF_FORMFIELD_TEXTFIELD:
        value = _string(api.FPDFAnnot_GetFormFieldValue, form, widget)
    else:
        return []
    value = " ".join(value.split())
    return [Field(box, " ".join(name.split()), value)] if value else []


def _chosen(form: Any, widget: Any) -> list[str]:
    count = min(api.FPDFAnnot_GetOptionCount(form, widget), _MOST)
    return [
        _string(api.FPDFAnnot_GetOptionLabel, form, widget, i)
        for i in range(count)
        if api.FPDFAnnot_IsOptionSelected(form, widget, i)
    ]


def links_of(document: PdfDocument, page: Any, frame: Frame) -> list[Link]:
    """The links that lead to an address."""
    found = []
    position, link, rect = c_int(0), api.FPDF_LINK(), api.FS_RECTF()
    for _ in range(_MOST):
        if not api.FPDFLink_Enumerate(page, byref(position), byref(link)):
            break
        action = api.FPDFLink_GetAction(link)
        if not action or not api.FPDFLink_GetAnnotRect(link, rect):
            continue
        size = api.FPDFAction_GetURIPath(document, action, None, 0)
        if not 1 < size < _LONGEST:
            continue
        target = create_string_buffer(size)
        api.FPDFAction_GetURIPath(document, action, target, size)
        box = frame.box((rect.left, rect.bottom, rect.right, rect.top))
        found.append(Link(box, target.value.decode("utf-8", "replace")))
    return found


def comments_of(page: Any) -> list[str]:
    """What people wrote on the page, over its text."""
    found = []
    for annotation in _annotations(page):
        if api.FPDFAnnot_GetSubtype(annotation) not in _WRITTEN:
            continue
        if api.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
            continue
        text = _string(api.FPDFAnnot_GetStringValue, annotation, b"Contents")
        if text := " ".join(text.split()):
            author = _string(api.FPDFAnnot_GetStringValue, annotation, b"T").strip()
            found.append(f"{author}: {text}" if author else text)
    return found


def _annotations(page: Any) -> Any:
    count = api.FPDFPage_GetAnnotCount(page)
    for i in islice(range(count), _MOST):
        annotation = api.FPDFPage_GetAnnot(page, i)
        if annotation:
            try:
                yield annotation
            finally:
                api.FPDFPage_CloseAnnot(annotation)


def _string(call: Any, *about: Any) -> str:
    """What ``call`` writes as UTF-16 into a buffer; empty where there is nothing or far too much.

    PDFium is asked for the size first, and gives it in bytes with two for the end.
    """
    size = call(*about, None, 0)
    if not 2 < size < _LONGEST:
        return ""
    buffer = create_string_buffer(size)
    call(*about, api.cast(buffer, api.POINTER(api.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\0", "")
