// Nothing typed is lost. A draft goes to the server a moment after typing stops; while the
// server cannot be reached it waits in this tab's session storage, which ends with the tab, so
// that no family's data stays behind on a shared computer.
const PAUSE = 1200;
const LONGEST = 5 * 60 * 1000;

const values = (form) => new URLSearchParams(
  [...new FormData(form)].filter(([, v]) => typeof v === 'string'),
).toString();

const clock = () => new Date().toTimeString().slice(0, 5).replace(':', '.');

function say(form, words) {
  const place = form.querySelector('[data-draft-state]');
  if (place) place.textContent = words;
}

function put(form, text) {
  for (const [name, value] of new URLSearchParams(text)) {
    for (const field of form.querySelectorAll('[name]')) {
      if (field.name !== name || field.type === 'hidden' || field.type === 'file') continue;
      if (field.type === 'radio' || field.type === 'checkbox') {
        if (field.value === value) field.checked = true;
      } else if (!field.value) field.value = value;
    }
  }
}

export function keepDraft(form) {
  const key = 'draft:' + form.dataset.draft;
  const words = form.querySelector('[data-draft-state]').dataset;
  let saved = values(form);
  let timer = 0;
  let wait = PAUSE;

  const held = sessionStorage.getItem(key);
  if (held) {
    put(form, held);
    say(form, words.restored);
  }

  const save = async () => {
    const now = values(form);
    if (now === saved) return;
    sessionStorage.setItem(key, now);
    try {
      const answer = await fetch(form.dataset.draft, {
        method: 'POST',
        body: new URLSearchParams(now),
        headers: { 'X-Draft': '1' },
        credentials: 'same-origin',
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      saved = now;
      wait = PAUSE;
      sessionStorage.removeItem(key);
      say(form, words.saved.replace('#', clock()));
    } catch (_) {
      wait = Math.min(wait * 2, LONGEST);
      say(form, words.unsent);
      later();
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  form.addEventListener('input', () => {
    wait = PAUSE;
    later();
  });
  form.addEventListener('submit', () => {
    clearTimeout(timer);
    sessionStorage.removeItem(key);
  });
  addEventListener('online', save);
}

export function guardUnsent(form) {
  const before = values(form);
  let sent = false;
  form.addEventListener('submit', () => { sent = true; });
  addEventListener('beforeunload', (event) => {
    if (!sent && values(form) !== before) {
      event.preventDefault();
      event.returnValue = '';
    }
  });
}
