"""Answers from what was replayed: values, kept or computed on demand, and what is behind them."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec

from kamengine.engine import evidence, formulas, valuation
from kamengine.engine import parts as parting
from kamengine.engine.session import STATE, WHOLE, Session, name, quote
from kamengine.engine.windows import set_windows
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
from kamengine.replay import graph as graphs
from kamengine.replay import state
from kamengine.replay.amendments import corrections
from kamengine.replay.book import Book, Definition, Head, decimal_of
from kamengine.replay.contribution import Contribution, Explanation, contribution, counted
from kamengine.replay.facts import instant
from kamengine.replay.graph import Graph, Node
from kamengine.settings import Settings
from kamengine.suggestions import suggest
from kamengine.value import PartValue, Value
from kamengine.workspace import Workspace

MAX_ATTEMPTS = 5

T = TypeVar("T")


class Reader:
    """Reads one workspace's values and evidence; never waits for a replay.

    Attributes:
        instead: KPI to the reader that answers for it instead: by an older definition, say.

    Args:
        workspace: The folder.
        registry: What the loaded packs registered.
        settings: What the organisation decided.

    Raises:
        ReplayError: Nothing was replayed yet.
    """

    def __init__(self, workspace: Workspace, registry: Registry, settings: Settings) -> None:
        self.workspace = workspace
        self.registry = registry
        self.settings = settings
        self.book = Book(workspace.values_path)
        self.head: Head
        self.definitions: dict[str, Definition]
        self.instead: dict[str, Reader] = {}
        self._follow()
        self._graph: Graph | None = None

    @property
    def graph(self) -> Graph:
        """The definitions as the packs and settings have them now."""
        if self._graph is None:
            self._graph = graphs.build(self.registry, self.settings)
        return self._graph

    def values(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str | None = None
    ) -> list[Value]:
        """Return the values of a KPI in a window, by subject, where there is evidence."""
        if kpi.id in self.instead:
            older = self.instead[kpi.id]
            return older.values(older.registry.kpi(kpi.id), subject_type, window, subject)
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
        if kpi.id in self.instead:
            older = self.instead[kpi.id]
            return older.parts(older.registry.kpi(kpi.id), subject_type, windows, by, subject)
        if isinstance(kpi.value, Formula | Composite):
            raise parting.indivisible(kpi)
        if self._problem(kpi) is not None or not windows:
            return []
        with self.asking(*windows) as session:
            node = self.graph.kpis[kpi.id]
            if not set(by) <= session.columns(node.text).keys():
                raise parting.indivisible(kpi)
            table = self._gathered(session, kpi)
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
        if kpi.id in self.instead:
            older = self.instead[kpi.id]
            return older.explain(older.registry.kpi(kpi.id), subject_type, window, subject)
        return self.at_once(lambda: self._explained(kpi, subject_type, window, subject))

    def at_once(self, ask: Callable[[], T]) -> T:
        """Return the answer to several questions, all of them asked of the same replay."""
        for _ in range(MAX_ATTEMPTS):
            self._follow()
            before = self.head
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
            }
            text = f"({kpi.value.numerator}) / ({kpi.value.denominator})"
            return Explanation(value=value, evidence=(), operands=operands, query=text)
        node = self.graph.kpis.get(kpi.id)
        if self._problem(kpi) is not None or node is None:
            return Explanation(value=value, evidence=(), operands={}, query=kpi.sql)
        with self.asking(window) as session:
            rows = self._contributions(session, kpi, window, subject_type, subject)
            behind = {position for row in rows for position in row.positions}
            found = corrections(session, behind)
        return Explanation(
            value=value, evidence=tuple(rows), operands={}, query=node.text, corrections=found
        )

    def attributes(self, account_id: str, moment: dt.datetime) -> Mapping[str, str | None]:
        """Return an account's segment, tier, industry and region at a moment.

        Raises:
            UnknownNameError: No event opened such an account.
        """
        found = self.all_attributes(moment)
        if account_id not in found and evidence.ATTRIBUTES in self.graph.projections:
            raise UnknownNameError(
                "No event opened this account",
                value=account_id,
                hint=suggest(account_id, found),
            )
        return found.get(account_id, {})

    def all_attributes(self, moment: dt.datetime) -> dict[str, dict[str, str | None]]:
        """Return every account's segment, tier, industry and region at a moment.

        Those of an account that isn't there yet are the first that it will have.
        """
        at = f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"
        table = f"{STATE}.projections.{evidence.ATTRIBUTES}"
        with self._session() as session:
            if not session.has("projections", evidence.ATTRIBUTES):
                return {}
            columns = [c for c in session.columns(f"SELECT * FROM {table}") if c in SLICES]
            rows = session.rows(f"""
                SELECT {", ".join(["account_id", *columns])} FROM {table}
                QUALIFY row_number() OVER (
                    PARTITION BY account_id
                    ORDER BY
                        valid_from <= {at} DESC,
                        CASE WHEN valid_from <= {at} THEN valid_from END DESC,
                        valid_from
                ) = 1
            """)
        return {account: dict(zip(columns, row, strict=True)) for account, *row in rows}

    def kept(self, queries: Mapping[str, str]) -> dict[str, list[Sequence[object]]]:
        """Return what SQL over ``{table}`` yields for each projection; nothing if it isn't kept."""
        with self._session() as session:
            return {
                name: list(session.rows(query.format(table=f"{STATE}.projections.{name}")))
                if session.has("projections", name)
                else []
                for name, query in queries.items()
            }

    def _follow(self) -> None:
        """Turn to what the last replay handed over."""
        self.head = self._head()
        self.definitions = self.book.definitions()

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
        if kpi.id in self.instead:
            older = self.instead[kpi.id]
            return older.absent(older.registry.kpi(kpi.id), subject_type, window, subject)
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
    def _session(self) -> Iterator[Session]:
        """Open the state that the book names; a replay may hand over between the two steps."""
        with self._opened() as session:
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
        with self._session() as session, session.limited():
            set_windows(session, windows)
            tables = session.rows(
                "SELECT schema_name, table_name FROM duckdb_tables()"
                f" WHERE database_name = '{STATE}' AND schema_name IN ('facts', 'projections')"
            )
            for schema, table in tables:
                source = f"{STATE}.{schema}.{name(table)}"
                view = f"CREATE VIEW memory.{WHOLE}.{name(table)} AS SELECT * FROM {source}"
                session.run(view)
            session.look_at(WHOLE)
            self._offer(session)
            yield session

    def _offer(self, session: Session) -> None:
        """Offer what is read through, and not kept."""
        for node in self.graph.projections.values():
            if not node.stored:
                session.run(f"CREATE VIEW memory.{WHOLE}.{name(node.name)} AS {node.text}")

    def _keeps(self, kpi: KPI) -> bool:  # noqa: ARG002 - a rehearsal doesn't
        """Tell whether values and evidence of a KPI are kept, or made when they are asked for."""
        return True

    def _gathered(self, session: Session, kpi: KPI) -> str:
        """Return the relation that holds the KPI's evidence for the window asked for."""
        node = self.graph.kpis[kpi.id]
        if self.definitions[kpi.id].definition != self.graph.definition(kpi):
            raise ReplayError(
                "The definition changed since the last replay",
                value=kpi.id,
                hint="run `kamengine replay`, then ask again",
            )
        if not node.anchored and self._keeps(kpi):
            return self._ripe(evidence.evidence_table(kpi.id), node)
        table = name(f"evidence_{kpi.id}")
        columns = session.columns(node.text)
        for relation in evidence.ATTRIBUTION:
            if relation in self.graph.projections:
                session.run(evidence.holding_statement(relation))
        query = evidence.attributed(node.text, columns, set(self.graph.projections), kpi.id)
        session.run(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
        return self._ripe(table, node)

    def _ripe(self, table: str, node: Node) -> str:
        """Return the rows that count as of the last replay, whatever window is asked for."""
        return evidence.ripe(table, instant(self.head.as_of)) if node.ripens else table

    def _valued(self, session: Session, kpi: KPI) -> str:
        if not isinstance(kpi.value, Formula):
            return valuation.valued(kpi, self._gathered(session, kpi))
        relations = {}
        for operand, read in kpi.value.operands.items():
            relations[operand] = name(f"operand_{read.kpi}")
            query = self._valued(session, self.registry.kpi(read.kpi))
            session.run(f"CREATE OR REPLACE TEMP TABLE {relations[operand]} AS {query}")
        return formulas.formula(kpi, graphs.literal_params(kpi, self.settings), relations)

    def _contributions(
        self,
        session: Session,
        kpi: KPI,
        window: Window,
        subject_type: SubjectType,
        subject: str,
    ) -> list[Contribution]:
        query = counted(kpi, self._gathered(session, kpi), window, subject_type, subject)
        rows = session.rows(query)
        return [contribution(row, kpi) for row in rows]

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


SLICES = ("segment", "tier", "industry", "region")
