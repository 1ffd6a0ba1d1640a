// The page one signs in on: choosing a demo account fills it in.
import "../parts/tokens.css";
import "../parts/page.css";
import "./sign_in.css";

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-account]")) {
  button.addEventListener("click", () => {
    const form = document.querySelector("form")!;
    for (const name of ["username", "password"]) {
      form.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = button.dataset.account ?? "";
    }
    form.requestSubmit();
  });
}
