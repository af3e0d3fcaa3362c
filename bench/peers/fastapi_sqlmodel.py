"""FastAPI with SQLModel on uvicorn. Run with FILE and PORT.

Times stay text, as in Leadbook: parsing them would make this peer slower.
"""

import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy import event
from sqlmodel import Field, Session, SQLModel, col, create_engine, func, select

engine = create_engine(f"sqlite:///{sys.argv[1]}")
app = FastAPI()


@event.listens_for(engine, "connect")
def _be_durable(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous = FULL")


class LeadBody(SQLModel):
    """The fields of a body."""

    name: str = Field(max_length=200)
    email: str = Field(max_length=254)
    phone: str | None = Field(default=None, max_length=50)
    company: str | None = Field(default=None, max_length=200)
    source: str | None = Field(default=None, max_length=50)
    notes: str | None = Field(default=None, max_length=10_000)
    status: str = "new"
    score: int = Field(default=0, ge=0, le=100)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class LeadRecord(LeadBody):
    """A lead in an answer."""

    id: str = Field(default_factory=lambda: str(uuid.uuid4()), primary_key=True)
    clientId: str | None = None
    convertedAt: str | None = None
    version: int = 1
    createdAt: str = Field(default_factory=_now)
    updatedAt: str = Field(default_factory=_now)


class Lead(LeadRecord, table=True):  # type: ignore[call-arg]  # SQLModel is not installed for mypy
    """A lead in the database."""

    __tablename__ = "leads"


class Pagination(SQLModel):
    """The place of a page in the list."""

    total: int
    page: int
    limit: int


class LeadPage(SQLModel):
    """A page of leads."""

    data: list[LeadRecord]
    pagination: Pagination


def _session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


Database = Annotated[Session, Depends(_session)]


@app.get("/leads", response_model=LeadPage)
def list_leads(
    session: Database,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Any:
    """List leads, newest first."""
    total = session.exec(select(func.count()).select_from(Lead)).one()
    newest_first = select(Lead).order_by(col(Lead.createdAt).desc(), col(Lead.id).desc())
    found = session.exec(newest_first.offset((page - 1) * limit).limit(limit)).all()
    return {"data": found, "pagination": {"total": total, "page": page, "limit": limit}}


@app.get("/leads/{id}", response_model=LeadRecord)
def get_lead(id: str, session: Database) -> Any:
    """Get a lead."""
    lead = session.get(Lead, id)
    if lead is None:
        raise HTTPException(404)
    return lead


@app.post("/leads", status_code=201, response_model=LeadRecord)
def create_lead(body: LeadBody, session: Database) -> Any:
    """Create a lead."""
    lead = Lead.model_validate(body)
    session.add(lead)
    session.commit()
    session.refresh(lead)
    return lead


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)
