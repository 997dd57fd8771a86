import type { Exchange } from '../api/exchange.ts';
import { ApiError, badRequestError } from '../errors/api-error.ts';
import type { JsonObject } from '../json.ts';
import { parseJson } from '../schema/parse-json.ts';
import type { FaultHandle, Faults } from './faults.ts';
import { FaultRuleError } from './fault-rule.ts';

/** Where a running cluster is asked for faults. */
export const faultsPath = '/kubesim/v1/faults';

/**
 * Answers requests for faults, which meet none themselves: GET lists the rules that are in force, POST puts one in force,
 * DELETE removes all, and GET and DELETE of `/ID` are about one. For members of system:masters only, not for who stands in for one:
 * nothing else here asks who may stand in for whom. @returns whether the path is one
 * of these.
 */
export async function answerFaults(faults: Faults, exchange: Exchange): Promise<boolean> {
  const { path, user, method } = exchange;
  if (path !== faultsPath && !path.startsWith(`${faultsPath}/`)) return false;
  const isSomebodyElse = exchange.request.headers['impersonate-user'] !== undefined;
  if (isSomebodyElse || !user.groups.includes('system:masters')) throw forbidden(exchange);
  const id = path.slice(faultsPath.length + 1);
  if (id !== '') answerOne(faults, id, exchange);
  else if (method === 'GET') exchange.answer(200, { faults: faults.list().map(shown) });
  else if (method === 'POST') exchange.answer(201, shown(add(faults, (await exchange.body()).text)));
  else if (method === 'DELETE') exchange.answer(200, removed(faults.list()));
  else throw wrongMethod();
  return true;
}

function answerOne(faults: Faults, id: string, exchange: Exchange): void {
  const found = faults.list().find((handle) => handle.id === id);
  if (found === undefined) throw new ApiError(`no fault ${id}`, { code: 404, reason: 'NotFound' });
  if (exchange.method === 'GET') exchange.answer(200, shown(found));
  else if (exchange.method === 'DELETE') exchange.answer(200, removed([found]));
  else throw wrongMethod();
}

function add(faults: Faults, text: string): FaultHandle {
  const parsed = parseJson(text);
  if (!parsed.ok) throw badRequestError(parsed.message);
  try {
    return faults.addRead(parsed.value);
  } catch (error) {
    if (error instanceof FaultRuleError) throw badRequestError(error.message);
    throw error;
  }
}

/** Removes rules. @returns what they had done. */
function removed(handles: readonly FaultHandle[]): JsonObject {
  const faults = handles.map(shown);
  handles.forEach((handle) => handle.remove());
  return { faults };
}

function shown({ id, rule, count }: FaultHandle): JsonObject {
  return { id, count, rule: JSON.parse(JSON.stringify(rule)) as JsonObject };
}

function forbidden({ user, method, path }: Exchange): ApiError {
  const why = `forbidden: User "${user.name}" cannot ${method.toLowerCase()} path "${path}"`;
  return new ApiError(why, { code: 403, reason: 'Forbidden', details: {} });
}

function wrongMethod(): ApiError {
  return new ApiError('the server does not allow this method on the requested resource', {
    code: 405,
    reason: 'MethodNotAllowed',
    details: {},
  });
}
