"""Answers from what was replayed: values, kept or computed on demand, and what is behind them."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import msgspec

from kamengine.engine import evidence, formulas, valuation
from kamengine.engine import parts as parting
from kamengine.engine.session import STATE, WHOLE, Session, name, quote
from kamengine.errors import ReplayError, UnknownNameError
from kamengine.kpi import (
    KPI,
    Composite,
    Formula,
    SubjectType,
    Sum,
)
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay import state, subjects
from kamengine.replay.book import Book, Definition, Head, decimal_of, instant
from kamengine.replay.contribution import Explanation, behind, contribution
from kamengine.replay.derived import NEWEST, Derived, kept
from kamengine.replay.held import Held
from kamengine.settings import Settings
from kamengine.suggestions import suggest
from kamengine.value import PartValue, Value
from kamengine.workspace import Workspace

if TYPE_CHECKING:
    from kamengine.replay.graph import Graph, Node

MAX_ATTEMPTS = 5

T = TypeVar("T")


class Reader:
    """Reads one workspace's values and evidence; never waits for a replay.

    Attributes:
        held: The session that questions share which are asked at once.

    Args:
        workspace: The folder.
        registry: What the loaded packs registered.
        settings: What the organisation decided.
        derived: What is derived under another name than the definitions', and since when.

    Raises:
        ReplayError: Nothing was replayed yet.
    """

    def __init__(
        self,
        workspace: Workspace,
        registry: Registry,
        settings: Settings,
        derived: Derived = NEWEST,
    ) -> None:
        self.workspace = workspace
        self.registry = registry
        self.settings = settings
        self.derived = derived
        self.book = Book(workspace.values_path)
        self.head: Head
        self.definitions: dict[str, Definition]
        self.held = Held()
        self._follow()
        self._graph: Graph | None = None

    def older(self, kpi_id: str) -> Reader | None:  # noqa: ARG002 - it answers for all of them
        """Return who answers for a KPI by an older definition, where that was asked for."""
        return None

    def at(self, window: Window) -> Reader:  # noqa: ARG002 - it reads every window alike
        """Return the reader of what holds for a window."""
        return self

    @property
    def graph(self) -> Graph:
        """The definitions as the packs and settings have them now."""
        if self._graph is None:
            from kamengine.replay import graph as graphs  # noqa: PLC0415 - it needs a parser

            self._graph = graphs.build(self.registry, self.settings)
        return self._graph

    def values(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str | None = None
    ) -> list[Value]:
        """Return the values of a KPI in a window, by subject, where there is evidence."""
        if self._keeps(kpi) and self.book.holds(window):
            return self.book.values(kpi, subject_type, window.period, subject)
        if self._problem(kpi) is not None:
            return []
        where = f"WHERE subject_type = {quote(subject_type)}"
        if subject is not None:
            where += f" AND subject = {quote(subject)}"
        with self.asking(window) as session:
            query = self._valued(session, kpi)
            rows = session.rows(f"SELECT * FROM ({query}) {where} ORDER BY subject")
        return [self._value(row, kpi) for row in rows]

    def parts(
        self,
        kpi: KPI,
        subject_type: SubjectType,
        windows: Sequence[Window],
        by: Sequence[parting.Key] = ("part",),
        subject: str | None = None,
    ) -> list[PartValue]:
        """Return the values of a KPI broken down, by period, subject and part.

        They are pooled from the evidence that makes the whole, so that additive ones sum to it.

        Args:
            kpi: The KPI.
            subject_type: The grain.
            windows: The periods asked for.
            by: The columns of evidence that tell parts apart; both together are written with
                a space between them.
            subject: Only this subject.

        Raises:
            UnknownNameError: Its evidence has nothing to break it down by.
        """
        if isinstance(kpi.value, Formula | Composite):
            raise parting.indivisible(kpi)
        if self._problem(kpi) is not None or not windows:
            return []
        with self.asking(*windows) as session:
            node = self.graph.kpis[kpi.id]
            if not set(by) <= session.columns(node.text).keys():
                raise parting.indivisible(kpi)
            table = self.gathered(session, kpi)
            rows = session.rows(parting.query(kpi, table, subject_type, by, subject))
        return [
            PartValue(**msgspec.structs.asdict(self._value(row, kpi)), part=part)
            for *row, part in rows
        ]

    def value(self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str) -> Value:
        """Return one value; where there is no evidence, what its absence means."""
        found = self.values(kpi, subject_type, window, subject)
        return found[0] if found else self.absent(kpi, subject_type, window, subject)

    def explain(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str
    ) -> Explanation:
        """Return a value with its evidence, or with its operands, all of the same replay."""
        return self.at_once(lambda: self._explained(kpi, subject_type, window, subject))

    def at_once(self, ask: Callable[[], T]) -> T:
        """Return the answer to several questions, all of them asked of the same replay."""
        for _ in range(MAX_ATTEMPTS):
            self._follow()
            before = self.head
            with self.held.together():
                answer = ask()
            if self._head() == before:
                break
        return answer

    def _explained(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str
    ) -> Explanation:
        value = self.value(kpi, subject_type, window, subject)
        if isinstance(kpi.value, Formula):
            operands = {
                operand: self.value(
                    self.registry.kpi(read.kpi),
                    "organisation" if read.of == "organisation" else subject_type,
                    window,
                    "organisation" if read.of == "organisation" else subject,
                )
                for operand, read in kpi.value.operands.items()
                if read.kpi in self.registry.kpis  # where it isn't, the value has a reason
            }
            text = f"({kpi.value.numerator}) / ({kpi.value.denominator})"
            return Explanation(value=value, evidence=(), operands=operands, query=text)
        node = self.graph.kpis.get(kpi.id)
        if self._problem(kpi) is not None or node is None:
            return Explanation(value=value, evidence=(), operands={}, query=kpi.sql)
        from kamengine.replay.amendments import corrections  # noqa: PLC0415 - only asked here

        with self.asking(window) as session:
            table = self.gathered(session, kpi)
            rows = session.rows(behind(kpi, table, window, subject_type, subject))
            evident = tuple(contribution(row, kpi) for row in rows)
            positions = {position for row in evident for position in row.positions}
            found = corrections(session, positions)
        return Explanation(
            value=value, evidence=evident, operands={}, query=node.text, corrections=found
        )

    def attributes(self, account_id: str, moment: dt.datetime) -> Mapping[str, str | None]:
        """Return an account's segment, tier, industry and region at a moment.

        Raises:
            UnknownNameError: No event opened such an account.
        """
        found = self.all_attributes(moment)
        if found and account_id not in found:
            raise unknown("account", account_id, found)
        return found.get(account_id, {})

    def all_attributes(self, moment: dt.datetime) -> dict[str, dict[str, str | None]]:
        """Return every account's segment, tier, industry and region at a moment.

        Those of an account that isn't there yet are the first that it will have.
        """
        return self.book.attributes(moment)

    def subjects(self, subject_type: SubjectType) -> list[str] | None:
        """Return every subject of a grain that any event names; None where nothing tells them."""
        with self.session() as session:
            return subjects.known(session, subject_type)

    def kept(self, queries: Mapping[str, str]) -> dict[str, list[Sequence[object]]]:
        """Return what SQL over ``{table}`` yields for each projection; nothing if it isn't kept."""
        with self.session() as session:
            return {
                plain: list(session.rows(query.format(table=table))) if table else []
                for plain, query in queries.items()
                for table in [kept(session, self.derived, plain)]
            }

    def _follow(self) -> None:
        """Turn to what the last replay handed over."""
        self.head = self._head()
        self.definitions = self.book.definitions(self.derived.t0)

    def _head(self) -> Head:
        head = self.book.head()
        if head is None:
            raise ReplayError(
                "Nothing was replayed yet",
                where=str(self.workspace.root),
                hint="run `kamengine replay` first",
            )
        return head

    def _problem(self, kpi: KPI) -> str | None:
        known = self.definitions.get(kpi.id)
        return "it was added after the last replay" if known is None else known.problem

    def absent(self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str) -> Value:
        """Return what it means that there is no evidence for a value."""
        problem = self._problem(kpi)
        zero = problem is None and kpi.empty == "zero"
        per = kpi.value.per if isinstance(kpi.value, Sum) else 1
        known = self.definitions.get(kpi.id)
        return Value(
            kpi=kpi.id,
            subject_type=subject_type,
            subject=subject,
            period=window.period,
            value=0.0 if zero else None,
            numerator=Decimal(0) if zero else None,
            denominator=Decimal(per) if zero else None,
            count=0,
            unit=kpi.unit,
            status="unavailable" if problem else ("ok" if zero else "undefined"),
            reason=problem or (None if zero else "no evidence in this period"),
            definition=known.definition if known else self.graph.definition(kpi),
            log_position=self.head.position,
        )

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """Open the state that the book names; a replay may hand over between the two steps."""
        with self.held.session(lambda: self.head.state, self._opened) as session:
            yield session

    def _opened(self) -> Session:
        for _ in range(MAX_ATTEMPTS):
            path, named = self.workspace.state_dir / self.head.state, self.head
            try:
                return state.open_to_read(path, self.settings)
            except ReplayError as error:
                self._follow()
                if self.head == named:
                    raise ReplayError(
                        f"The replayed state can't be opened ({error.what})",
                        where=str(path),
                        hint="run `kamengine replay --full`",
                    ) from error
        raise ReplayError(
            "Replays follow each other too fast to read",
            where=str(self.workspace.state_dir),
            hint="try again",
        )

    @contextlib.contextmanager
    def asking(self, *windows: Window) -> Iterator[Session]:
        """Let SQL read facts, projections and windows by their names, as definitions do."""
        from kamengine.engine.windows import set_windows  # noqa: PLC0415 - it needs pyarrow

        with self._opened() as session, session.limited():
            set_windows(session, windows)
            tables = session.rows(
                "SELECT schema_name, table_name FROM duckdb_tables()"
                f" WHERE database_name = '{STATE}' AND schema_name IN ('facts', 'projections')"
            )
            sources = {table: f"{STATE}.{schema}.{name(table)}" for schema, table in tables}
            own = self.derived.relations.items()
            sources |= {plain: sources[table] for plain, table in own if table in sources}
            for table, source in sources.items():
                view = f"CREATE VIEW memory.{WHOLE}.{name(table)} AS SELECT * FROM {source}"
                session.run(view)
            session.look_at(WHOLE)
            self._offer(session)
            yield session

    def _offer(self, session: Session) -> None:
        """Offer what is read through, and not kept."""
        for node in self.graph.projections.values():
            if not node.stored:
                view = f"memory.{WHOLE}.{name(node.name)}"
                session.run(f"CREATE OR REPLACE VIEW {view} AS {node.text}")

    def _keeps(self, kpi: KPI) -> bool:  # noqa: ARG002 - a trial doesn't
        """Tell whether values and evidence of a KPI are kept, or made when they are asked for."""
        return True

    def gathered(self, session: Session, kpi: KPI) -> str:
        """Return the relation that holds the KPI's evidence for the window asked for."""
        node = self.graph.kpis[kpi.id]
        if self.definitions[kpi.id].definition != self.graph.definition(kpi):
            raise ReplayError(
                "The definition changed since the last replay",
                value=kpi.id,
                hint="run `kamengine replay`, then ask again",
            )
        if not node.anchored and self._keeps(kpi):
            own = self.derived.kpis.get(kpi.id, kpi.id)
            return self._ripe(evidence.evidence_table(own), node)
        table = name(f"evidence_{kpi.id}")
        columns = session.columns(node.text)
        for relation, projection in node.held.items():
            session.run(evidence.holding_statement(relation, projection))
        query = evidence.attributed(node.text, columns, node.held, kpi.id)
        session.run(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
        return self._ripe(table, node)

    def _ripe(self, table: str, node: Node) -> str:
        """Return the rows that count as of the last replay, whatever window is asked for."""
        return evidence.ripe(table, instant(self.head.as_of)) if node.ripens else table

    def _valued(self, session: Session, kpi: KPI) -> str:
        if not isinstance(kpi.value, Formula):
            return valuation.valued(kpi, self.gathered(session, kpi))
        relations = {}
        for operand, read in kpi.value.operands.items():
            relations[operand] = name(f"operand_{read.kpi}")
            query = self._valued(session, self.registry.kpi(read.kpi))
            session.run(f"CREATE OR REPLACE TEMP TABLE {relations[operand]} AS {query}")
        from kamengine.replay import graph as graphs  # noqa: PLC0415 - it needs a parser

        return formulas.formula(kpi, graphs.literal_params(kpi, self.settings), relations)

    def _value(self, row: Sequence[object], kpi: KPI) -> Value:
        fields = dict(zip(valuation.COLUMNS, row, strict=True))
        return msgspec.convert(
            fields
            | {
                "numerator": decimal_of(fields["numerator"]),
                "denominator": decimal_of(fields["denominator"]),
                "unit": kpi.unit,
                "definition": self.definitions[kpi.id].definition,
                "log_position": self.head.position,
            },
            Value,
        )


def unknown(subject_type: SubjectType, subject: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a subject that no event names, with the nearest that one does."""
    what = "opened this account" if subject_type == "account" else f"names this {subject_type}"
    return UnknownNameError(f"No event {what}", value=subject, hint=suggest(subject, known))
