// Who uses the page, as the server said when it made it.

interface Session {
  user: string;
  groups: string[];
  isOperator: boolean;
  /** Groups that alone may assign, beside who has a task and operators; empty: who may work on it. */
  assigners: string[];
}

const said = (typeof document === "undefined" ? null : document.getElementById("app"))?.dataset ?? {};

export const session: Session = {
  user: said.user ?? "",
  groups: JSON.parse(said.groups ?? "[]"),
  isOperator: said.operator === "true",
  assigners: JSON.parse(said.assigners ?? "[]"),
};
