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
from kamengine.engine.placement import in_window
from kamengine.engine.session import STATE, WHOLE, Session, name, quote
from kamengine.engine.windows import set_windows
from kamengine.errors import ReplayError, UnknownNameError
from kamengine.kpi import (
    KPI,
    Composite,
    Formula,
    Latest,
    SubjectType,
    Sum,
)
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs
from kamengine.replay import state
from kamengine.replay.book import Book, Definition, Head, decimal_of
from kamengine.replay.contribution import Contribution, Explanation, contribution
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
        self._follow()
        self._graph: Graph | None = None

    @property
    def graph(self) -> Graph:
        """The definitions as the packs and settings have them now."""
        if self._graph is None:
            self._graph = graphs.build(self.registry, self.settings)
        return self._graph

    def drifted(self) -> list[str]:
        """Return the KPIs whose definition is another one than at the last replay."""
        return sorted(
            kpi.id
            for kpi in self.registry.measured.values()
            if kpi.id not in self.definitions
            or self.definitions[kpi.id].definition != self.graph.definition(kpi)
        )

    def values(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str | None = None
    ) -> list[Value]:
        """Return the values of a KPI in a window, by subject, where there is evidence."""
        if self.book.holds(window):
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
        return Explanation(value=value, evidence=tuple(rows), operands={}, query=node.text)

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
        if evidence.ATTRIBUTES not in self.graph.projections:
            return {}
        at = f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"
        table = f"{STATE}.projections.{evidence.ATTRIBUTES}"
        with self._session() as session:
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
            for node in self.graph.projections.values():
                if not node.stored:
                    session.run(f"CREATE VIEW memory.{WHOLE}.{name(node.name)} AS {node.text}")
            yield session

    def _gathered(self, session: Session, kpi: KPI) -> str:
        """Return the relation that holds the KPI's evidence for the window asked for."""
        node = self.graph.kpis[kpi.id]
        if self.definitions[kpi.id].definition != self.graph.definition(kpi):
            raise ReplayError(
                "The definition changed since the last replay",
                value=kpi.id,
                hint="run `kamengine replay`, then ask again",
            )
        if not node.anchored:
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
        table = self._gathered(session, kpi)
        ctes, relation = "", table
        where = [f"({in_window(window)})"]
        if isinstance(kpi.value, Latest):
            ctes, relation = f"WITH {valuation.latest_rows(kpi.value, table)}", "latest"
            where = ["TRUE"]
        if subject_type != "organisation":
            column = "account_id" if subject_type == "account" else OWNER_COLUMNS[subject_type]
            where.append(f"{column} = {quote(subject)}")
        rows = session.rows(f"""
            {ctes}
            SELECT
                list_concat([event_id], coalesce(more_events, [])) AS positions,
                occurred_at,
                account_id,
                manager_id,
                numerator,
                denominator,
                part,
                item
            FROM {relation}
            WHERE {" AND ".join(where)}
            ORDER BY occurred_at, account_id, item, event_id
        """)
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
OWNER_COLUMNS = {"manager": "manager_id", "team": "team", "segment": "segment"}
