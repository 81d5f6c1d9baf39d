// Light or dark: the system's choice, until the button makes another.

const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

export type Theme = "light" | "dark";

export function currentTheme(): Theme {
  const chosen = root.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light";
}

/** Calls `change` whenever the theme does: canvases have to be painted anew. Returns a function that ends it. */
export function onThemeChange(change: () => void): () => void {
  system.addEventListener("change", change);
  const observer = new MutationObserver(change);
  observer.observe(root, { attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", change);
    observer.disconnect();
  };
}

/** Remembers the choice only where it differs from the system's, so that the page follows the system again once they agree. */
export function followTheme(button: HTMLButtonElement): void {
  const show = () => button.setAttribute("aria-pressed", String(currentTheme() === "dark"));
  button.addEventListener("click", () => {
    const next = currentTheme() === "dark" ? "light" : "dark";
    const same = next === (system.matches ? "dark" : "light");
    if (same) delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (same) localStorage.removeItem("theme");
      else localStorage.setItem("theme", next);
    } catch {
      // Storage may be forbidden; then the choice holds until the page is left.
    }
  });
  onThemeChange(show);
  show();
}
