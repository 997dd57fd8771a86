import { spawn } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject } from '@meridian/manifests';
import { errorText, FaultError } from '@meridian/runtime';
import type { TlsMaterial } from './cluster-access.ts';
import { keptCredentials } from './credentials.ts';
import type { CredentialSource, FetchedCredentials } from './credentials.ts';

/** What an exec plugin is run with; relative commands with a slash start at the kubeconfig's folder. */
export interface ExecPlugin {
  readonly plugin: JsonObject;
  readonly cluster: JsonObject;
  readonly folder: string;
  readonly tls: TlsMaterial;
}

const pluginTimeoutMs = 60_000;
const maxOutputBytes = 1024 * 1024;

/** Credentials from a client-go credential plugin (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). */
export function execCredentials(exec: ExecPlugin): CredentialSource {
  return keptCredentials(async (signal) => {
    const command = textOf(exec.plugin['command']) ?? '';
    const fail = (problem: string) =>
      new FaultError('denied', `credential plugin ${command} ${problem}`, { retry: 'later' });
    const output = await runPlugin(exec, command, signal).catch((error: unknown) =>
      Promise.reject(fail(errorText(error))),
    );
    const status = parseCredential(output);
    if (!status) throw fail('printed no ExecCredential with a status');
    return credentialsOf(status, exec.tls);
  });
}

function credentialsOf(status: JsonObject, tls: TlsMaterial): FetchedCredentials {
  const token = textOf(status['token']);
  const cert = textOf(status['clientCertificateData']);
  const key = textOf(status['clientKeyData']);
  const expires = Date.parse(textOf(status['expirationTimestamp']) ?? '');
  // Ten seconds early, so that a token never expires on its way.
  const goodForMs = Number.isNaN(expires) ? Infinity : Math.max(0, expires - Date.now() - 10_000);
  return {
    credentials: {
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      tls: cert === undefined || key === undefined ? tls : { ...tls, cert, key },
    },
    goodUntilMs: performance.now() + goodForMs,
  };
}

function runPlugin(exec: ExecPlugin, command: string, signal: AbortSignal): Promise<string> {
  const program = command.includes('/') && !isAbsolute(command) ? resolve(exec.folder, command) : command;
  const words = listOf(exec.plugin['args']).filter((word) => typeof word === 'string');
  return new Promise((fulfil, reject) => {
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: pluginEnvironment(exec),
      signal: AbortSignal.any([signal, AbortSignal.timeout(pluginTimeoutMs)]),
    });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
      if (output.length > maxOutputBytes) child.kill();
    });
    child.once('error', (error) => reject(new Error(`could not run: ${error.message}`)));
    child.once('close', (code) =>
      code === 0 ? fulfil(output) : reject(new Error(`ended with code ${code ?? -1}`)),
    );
  });
}

function pluginEnvironment(exec: ExecPlugin): NodeJS.ProcessEnv {
  const info = {
    apiVersion: exec.plugin['apiVersion'] ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.plugin['provideClusterInfo'] === true ? { cluster: clusterInfo(exec.cluster) } : {}),
    },
  };
  const own = listOf(exec.plugin['env'])
    .filter(isJsonObject)
    .map((entry) => [textOf(entry['name']) ?? '', textOf(entry['value']) ?? ''] as const);
  // eslint-disable-next-line no-restricted-properties -- a plugin finds its login through HOME, PATH and the cloud's own variables
  return { ...process.env, ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

function clusterInfo(cluster: JsonObject): JsonObject {
  const { server, 'certificate-authority-data': data } = cluster;
  return {
    ...(server === undefined ? {} : { server }),
    ...(data === undefined ? {} : { 'certificate-authority-data': data }),
  };
}

function parseCredential(output: string): JsonObject | undefined {
  try {
    const value = JSON.parse(output) as Json;
    const status = isJsonObject(value) && value['kind'] === 'ExecCredential' ? value['status'] : undefined;
    return isJsonObject(status) ? status : undefined;
  } catch {
    return undefined;
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
