// Nothing typed is lost. What stands in a form and is not on the server yet waits in this tab's
// session storage: it outlives a lost connection, a reload and a session that ended, and ends
// with the tab, so that no family's data stays behind on a shared computer.
const ONCE = ['draft', 'request']; // ids of one try: given back, so that sending again makes no second record

const ANSWER = 500; // ms between a form and the navigation it begins

const now = () => performance.timeOrigin + performance.now();

const reader = () => document.body.dataset.reader || '';

const action = (form) => new URL(form.action, location).pathname;

function hidden(form) {
  return [...form.querySelectorAll('input[type=hidden][name]')];
}

// belongs tells forms of one page apart: what each is about, without what changes at every visit.
function belongs(form) {
  const version = form.querySelector('input[name=version]');
  const fresh = !version || version.value === '0';
  return hidden(form)
    .filter((f) => f.name !== 'version' && !(fresh && ONCE.includes(f.name)))
    .map((f) => `${f.name}=${f.value}`).join('&');
}

const key = (form) => `held:${location.pathname}${location.search}#${action(form)}#${belongs(form)}`;

// typed gives the values of a form by name; files and passwords are never kept.
export function typed(form) {
  const out = {};
  for (const field of form.elements) {
    if (!field.name || ['hidden', 'file', 'password', 'submit', 'button'].includes(field.type)) continue;
    out[field.name] ||= [];
    const open = field.type === 'radio' || field.type === 'checkbox' ? field.checked : true;
    if (open) out[field.name].push(field.value);
  }
  return out;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// hold keeps the fields that say something else than the page did when it came.
export function hold(form, before, sent) {
  const kept = { reader: reader(), fields: {}, once: {}, sent: sent ? now() : 0 };
  for (const [name, to] of Object.entries(typed(form))) {
    if (!same(to, before[name])) kept.fields[name] = { from: before[name], to };
  }
  for (const f of hidden(form)) if (ONCE.includes(f.name)) kept.once[f.name] = f.value;
  sessionStorage.setItem(key(form), JSON.stringify(kept));
}

export function release(form) {
  sessionStorage.removeItem(key(form));
}

function put(form, name, values) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = values.includes(field.value);
    else if (field.type !== 'hidden') field.value = values[0] || '';
  }
}

// restore puts back what the page does not say otherwise: a field the office has changed since
// keeps what the office says.
function restore(form, kept) {
  const present = typed(form);
  let any = false;
  for (const [name, { from, to }] of Object.entries(kept.fields)) {
    if (!same(present[name], from)) continue;
    put(form, name, to);
    any = true;
  }
  for (const f of hidden(form)) if (any && kept.once[f.name]) f.value = kept.once[f.name];
  return any;
}

// answers tells whether this page is the answer to a form sent at a moment: a page counts from when its
// navigation began, and that of an answer began with the form. A line that broke leaves no such page.
function answers(moment) {
  const [entry] = performance.getEntriesByType('navigation');
  const after = performance.timeOrigin - moment;
  return Boolean(entry) && entry.type === 'navigate' && after > -ANSWER && after < ANSWER;
}

const read = (name) => JSON.parse(sessionStorage.getItem(name));

// giveBack puts into a form what was typed and never arrived, and tells whether it did.
export function giveBack(form) {
  const kept = read(key(form));
  if (!kept || kept.reader !== reader() || answers(kept.sent)) return false;
  return restore(form, kept);
}

// settle forgets what was sent, once a page shows that it arrived. While a page asks its reader to
// sign in again, everything waits; who signs out leaves nothing behind.
export function settle() {
  const held = Object.keys(sessionStorage).filter((name) => name.startsWith('held:'));
  const waiting = document.querySelector('form[data-waiting]');
  for (const name of waiting ? [] : held) {
    const kept = read(name);
    if (answers(kept.sent) || (reader() && kept.reader !== reader())) sessionStorage.removeItem(name);
  }
  if (waiting) waiting.addEventListener('submit', () => sendAgain(held, action(waiting)));
  for (const form of document.querySelectorAll('form[data-leave]')) {
    form.addEventListener('submit', () => sessionStorage.clear());
  }
}

// sendAgain notes that a form that waited is sent now.
function sendAgain(held, to) {
  for (const name of held) {
    const kept = read(name);
    if (kept.sent && name.includes(`#${to}#`)) sessionStorage.setItem(name, JSON.stringify({ ...kept, sent: now() }));
  }
}
