// Keyboard shortcuts of lists: j k move, x selects, Enter or o opens, / searches, ? explains.
// Only where the page allows them (WCAG 2.1.4), never while typing, never with a modifier.
const rows = () => [...document.querySelectorAll('table[data-rows] tbody tr')];
const current = () => document.querySelector('tr.current');

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
  all.forEach((row) => row.classList.toggle('current', row === next));
  const link = next.querySelector('a, input');
  if (link) link.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}

function press(selector) {
  const row = current();
  const target = row && row.querySelector(selector);
  if (target) target.click();
}

function search() {
  const input = document.querySelector('.searchbox .input, .filter-search input');
  if (!input) return;
  input.focus();
  input.select();
}

function help() {
  const panel = document.getElementById('shortcuts');
  if (!panel) return;
  panel.open = !panel.open;
  if (panel.open) panel.querySelector('summary').focus();
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  x: () => press('.cell-select input'),
  o: () => press('td a'),
  '/': search,
  '?': help,
};

export function listenKeys() {
  document.addEventListener('keydown', (event) => {
    if (!document.body.hasAttribute('data-shortcuts')) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input:not([type=checkbox]), textarea, select')) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
