// Form pages: focus on errors, NIK grouping, what is typed kept until it arrived.
import { groupDigits } from './digits.js';
import { keepTyped } from './draft.js';
import { focusFirst } from './focus.js';
import { settle } from './held.js';

focusFirst();
document.querySelectorAll('input[data-group]').forEach(groupDigits);
document.querySelectorAll('form[data-draft], form[data-guard]').forEach(keepTyped);
settle();
