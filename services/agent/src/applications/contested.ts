import { FaultError } from '@meridian/runtime';
import type { FieldConflict } from '../ports.ts';

/** Why an object is not written while a manager that is stopped for has a field of it with another value. */
export const contested = ({ manager, field }: FieldConflict): FaultError =>
  new FaultError(
    'conflict',
    `field manager ${manager} has ${field} with another value, and syncPolicy.fieldManagers says fail; drop the field from git, or let ${manager} give it up`,
    { retry: 'later' },
  );
