// Who uses the page, as the server said when it made it.

interface Session {
  user: string;
  groups: string[];
  isOperator: boolean;
}

const said = (typeof document === "undefined" ? null : document.getElementById("app"))?.dataset ?? {};

export const session: Session = {
  user: said.user ?? "",
  groups: JSON.parse(said.groups ?? "[]"),
  isOperator: said.operator === "true",
};
