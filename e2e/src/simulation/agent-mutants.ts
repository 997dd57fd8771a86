import { one, within } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const acceptance = 'services/agent/src/assignments/acceptance.ts';

/** Defects of what agents take up and keep. */
export const agentMutants: readonly Mutant[] = [
  within(
    'signed anew',
    one('agents take a lower term', acceptance, [
      'if (offered.term < mark.term) return refuse(`its term ${offered.term} is below ${mark.term}`);',
      '',
    ]),
  ),
  within(
    'lost disks',
    one('agents take a lower generation', acceptance, [
      'if (offered.generation < mark.generation) {\n    return refuse(`its generation',
      'if (offered.generation < 0) {\n    return refuse(`its generation',
    ]),
  ),
  within(
    'other ledgers',
    one('agents take another ledger at any term', acceptance, [
      'if (offered.term <= mark.term)\n    return refuse(`${ledger}',
      'if (offered.term < 0)\n    return refuse(`${ledger}',
    ]),
  ),
  within(
    'other ledgers',
    one('agents take another ledger at a lower generation', acceptance, [
      'if (offered.generation < mark.generation) {\n    return refuse(`${ledger}',
      'if (offered.generation < 0) {\n    return refuse(`${ledger}',
    ]),
  ),
  within(
    'two copies',
    one('agents take the earlier of two kept copies', 'services/agent/src/state/record.ts', [
      'isLater(right, left) ? [right, left] : [left, right];',
      'isLater(right, left) ? [left, right] : [right, left];',
    ]),
  ),
];
