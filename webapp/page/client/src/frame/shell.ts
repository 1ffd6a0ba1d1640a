// Keeps the page's shell on the device, once the page is there; forgets it when one signs out.

export function registerShell(): void {
  if (!("serviceWorker" in navigator)) return;
  // Not in the way of the first list.
  const register = () =>
    setTimeout(() => void navigator.serviceWorker.register("/service-worker.js").catch(() => {}), 2000);
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
  document.addEventListener("submit", (event) => {
    if ((event.target as Element).matches("form.sign-out")) navigator.serviceWorker.controller?.postMessage("forget");
  });
}
