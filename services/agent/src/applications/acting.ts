import type { Assignment } from '@meridian/fleet';
import type { EngineContext } from './context.ts';

/**
 * The context in which the objects of an application are written: by the rights of the service account that the agent was
 * told of, in the namespace of the application. Nothing in an assignment chooses it or goes around it.
 */
export function actingFor(context: EngineContext, { namespace }: Assignment): EngineContext {
  const { serviceAccount, kube } = context;
  if (serviceAccount === undefined) return context;
  return { ...context, kube: kube.as(`system:serviceaccount:${namespace}:${serviceAccount}`) };
}
