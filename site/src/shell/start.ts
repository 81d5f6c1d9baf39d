// What every page does besides its own work.

import { followTheme } from "./theme";

followTheme(document.querySelector<HTMLButtonElement>("#theme")!);

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // Not before the page is there: it fetches the other pages too.
  addEventListener("load", () => setTimeout(() => void navigator.serviceWorker.register("./sw.js").catch(() => {}), 1500));
}
