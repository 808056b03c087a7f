(script, wasm) => {
  const load = async () => {
    const code = fetch(wasm);
    code.catch(() => {});
    const front = await import(script);
    await front.default({ module_or_path: code });
    return front;
  };
  const wake = (front) => {
    front.hydrate();
    for (const island of document.querySelectorAll('leptos-island')) {
      island.parentElement.closest('leptos-children')?.$$on_hydrate?.();
      front[island.dataset.component]?.(island);
    }
  };
  const begin = () => load().then(wake, () => setTimeout(begin, 3000));
  let begun = false;
  const once = () => {
    if (!begun) begin();
    begun = true;
  };
  addEventListener('DOMContentLoaded', () => {
    requestAnimationFrame(() => setTimeout(once));
    setTimeout(once, 1000);
  });
}
