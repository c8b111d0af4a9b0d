// Form pages: focus on errors, NIK grouping, drafts, a warning before unsent input is lost.
import { groupDigits } from './digits.js';
import { guardUnsent, keepDraft } from './draft.js';
import { focusFirst } from './focus.js';

focusFirst();
document.querySelectorAll('input[data-group]').forEach(groupDigits);
document.querySelectorAll('form[data-draft]').forEach(keepDraft);
document.querySelectorAll('form[data-guard]').forEach(guardUnsent);
