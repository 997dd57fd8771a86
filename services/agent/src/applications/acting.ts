import type { Assignment } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import { judgeAccount } from '../assignments/account.ts';
import type { EngineContext } from './context.ts';

/**
 * The context in which the objects of an application are written: by the rights of the service account that it names, where
 * the agent was told to allow that one, or else of the one that the agent was told of. Throws FaultError `denied` when the
 * application names another one: then nothing is written, also for what was kept before the agent was told otherwise.
 */
export function actingFor(context: EngineContext, assignment: Assignment): EngineContext {
  const verdict = judgeAccount(assignment, context.accounts);
  if (!verdict.ok)
    throw new FaultError('denied', `nothing is written: ${verdict.reason}`, { retry: 'later' });
  return verdict.user === undefined ? context : { ...context, kube: context.kube.as(verdict.user) };
}
