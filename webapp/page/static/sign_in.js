// Fills in a demo account and signs in with it.
for (const choice of document.querySelectorAll("[data-account]")) {
  choice.addEventListener("click", () => {
    const form = document.querySelector("form");
    form.username.value = choice.dataset.account;
    form.password.value = choice.dataset.account;
    form.requestSubmit();
  });
}
