"""Where an answer comes from: the passage behind a source, and for editors each step of it."""

from fastapi import APIRouter
from starlette.responses import Response

from console.questions import answer_seen, are_readable
from console.visit import Editor, Reader
from domain.errors import NotFound, RetrievalError
from domain.links import is_web, link_to, titled
from domain.prompt import render
from domain.questions import Answer, Citation, Passage

router = APIRouter()


@router.get("/answers/{answer_id}/source/{n}")
def source(visit: Reader, answer_id: str, n: int) -> Response:
    """The passage that source n is quoted from, as the model was shown it."""
    from console.markdown import quoted_in  # it loads a parser that few pages need

    _, answer = answer_seen(visit, answer_id)
    cited = next((one for one in answer.citations if one.n == n), None)
    passage = _passage_of(answer, cited) if cited else None
    if cited is None or passage is None or not all(are_readable(visit, [passage])):
        raise NotFound("There is no such source, or you may not read it.")
    link = link_to(passage.source, passage.where)
    return visit.page(
        "pages/source_of_answer.html",
        answer_id=answer_id,
        n=n,
        title=titled(passage.title, passage.where.label),
        passage=passage,
        text=quoted_in(passage.text, cited.quote),
        link=link if link and is_web(link) else "",
    )


@router.get("/answers/{answer_id}/why")
def why(visit: Editor, answer_id: str) -> Response:
    """What was found and how, what the model was shown, and how each sentence was judged."""
    question, answer = answer_seen(visit, answer_id)
    may_read = are_readable(visit, answer.passages)
    try:
        explained, failed = visit.parts.asking.explain(question), ""
    except RetrievalError as error:
        explained, failed = None, error.public
    return visit.page(
        "pages/why.html",
        question=question,
        answer=answer,
        passages=list(zip(answer.passages, may_read, strict=True)),
        titled=titled,
        explained=explained,
        failed=failed,
        may_read=visit.visitor.may_read,
        prompt=(
            render(question.text, answer.passages, question.history, question.rules)
            if all(may_read)
            else ()
        ),
    )


def _passage_of(answer: Answer, cited: Citation) -> Passage | None:
    same = [passage for passage in answer.passages if passage.id == cited.passage_id]
    own = [passage for passage in same if cited.source in (passage.source, *passage.also)]
    return next(iter(own or same), None)
