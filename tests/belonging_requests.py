"""Requests about follow-ups, tickets and comments, and what the contract says of the answers."""

import drawn
from drawn import COMMENT_ID, FOLLOW_UP_ID, TAG, TICKET_ID
from hypothesis import strategies as st
from machine import Machine, request, stamp_of

LISTED = {"page": 1, "limit": 20}


class BelongingRequests(Machine):
    """Every kind of request about what belongs to people."""

    @request(body=drawn.NEW_FOLLOW_UP)
    def plan(self, body):
        self.send("POST", "/follow-ups", body)
        return 201, self.model.plan(body)

    plan_another = plan  # twice as often: there are many ways to plan

    @request(id=FOLLOW_UP_ID, method=drawn.METHOD, tag=TAG, body=drawn.FOLLOW_UP_CHANGES)
    def change_follow_up(self, id, method, tag, body):
        follow_up = self.send_about("follow-ups", id, method, tag, body=body)
        return 200, self.model.change_belonging("follow-ups", follow_up, body)

    @request(id=FOLLOW_UP_ID, tag=TAG, body=drawn.COMPLETION)
    def complete(self, id, tag, body):
        follow_up = self.send_about("follow-ups", id, "POST", tag, "/complete", body=body)
        record, is_new = self.model.complete(follow_up, body)
        return 201 if is_new else 200, record

    @request(body=drawn.NEW_TICKET)
    def open_ticket(self, body):
        self.send("POST", "/tickets", body)
        before = self.model.tickets_ever
        try:
            return 201, self.model.open_ticket(body)
        finally:
            if self.answer.status_code != 201:
                self.model.tickets_ever = before

    @request(id=TICKET_ID, method=drawn.METHOD, tag=TAG, body=drawn.TICKET_CHANGES)
    def change_ticket(self, id, method, tag, body):
        ticket = self.send_about("tickets", id, method, tag, body=body)
        return 200, self.model.change_belonging("tickets", ticket, body)

    @request(id=TICKET_ID, tag=TAG, body=drawn.NEW_COMMENT)
    def comment(self, id, tag, body):
        ticket = self.send_about("tickets", id, "POST", tag, "/comments", body=body)
        return 201, self.model.comment(ticket, body)

    @request(id=COMMENT_ID, method=drawn.METHOD, tag=TAG, body=drawn.COMMENT_CHANGES)
    def change_comment(self, id, method, tag, body):
        comment = self.send_about("comments", id, method, tag, body=body)
        return 200, self.model.change_belonging("comments", comment, body)

    @request(query=drawn.FOLLOW_UP_LISTS, person=st.none() | drawn.PERSON)
    def list_follow_ups(self, query, person):
        links = {k: each for k, each in (person or {}).items() if each not in (None, "nobody")}
        self.sent += 1
        self.answer = self.http.get("/follow-ups", query_string=query | links)
        now, asked = stamp_of(self.milliseconds()), {"sort": "dueAt", "order": "asc"} | query
        found = [
            each
            for each in self.model.records["follow-ups"].values()
            if each["status"] in asked.get("status", each["status"]).split(",")
            and all(each[link] == links[link] for link in links)
            and asked.get("due") in (None, self.model.part_of(each, now))
        ]
        return 200, self.page_of(found, asked)

    @request(query=drawn.TICKET_LISTS)
    def list_tickets(self, query):
        self.sent += 1
        self.answer = self.http.get("/tickets", query_string=query)
        asked = {"sort": "createdAt", "order": "desc"} | query
        found = [
            each
            for each in self.model.records["tickets"].values()
            if each["status"] in asked.get("status", each["status"]).split(",")
        ]
        return 200, self.page_of(found, asked)

    def page_of(self, found, asked):
        """Return the expected page of the records `found`; its cursor is the answer's."""
        sort, page, limit = asked["sort"], *({**LISTED, **asked}[each] for each in LISTED)
        found.sort(key=lambda each: (each[sort], each["id"]), reverse=asked["order"] == "desc")
        pagination = {"total": len(found), "page": page, "limit": limit}
        pagination["next"] = self.answer.json["pagination"]["next"]
        return {"data": found[(page - 1) * limit :][:limit], "pagination": pagination}
