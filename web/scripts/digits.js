// Shows 16-digit numbers in groups of four while they are typed. The server takes spaces too,
// so nothing depends on this.
const plain = (text) => text.replace(/\D/g, '');

export function group(text) {
  return plain(text).replace(/(\d{4})(?=\d)/g, '$1 ');
}

export function groupDigits(input) {
  const show = () => {
    if (/[^\d\s.-]/.test(input.value)) return; // letters are the reader's to mend, not ours to hide
    const before = plain(input.value.slice(0, input.selectionStart || 0)).length;
    const next = group(input.value);
    if (next === input.value) return;
    input.value = next;
    let at = 0;
    for (let seen = 0; seen < before; at++) if (next[at] !== ' ') seen++;
    if (document.activeElement === input) input.setSelectionRange(at, at);
  };
  input.addEventListener('input', show);
  show();
}
