import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isJsonObject, parseYaml } from '@meridian/manifests';
import type { Json, JsonObject } from '@meridian/manifests';
import { errorText, FaultError } from '@meridian/runtime';
import type { ClusterAccess, TlsMaterial } from './cluster-access.ts';
import { fixedCredentials, fileCredentials } from './credentials.ts';
import type { CredentialSource } from './credentials.ts';
import { execCredentials } from './exec-credentials.ts';
import { providerCredentials } from './provider-credentials.ts';

/**
 * Reads a kubeconfig file and opens the access that a context describes; the current context unless told. Tokens,
 * token files, client certificates, basic auth and exec plugins are read here, without loading the API models of
 * @kubernetes/client-node (60 MB); its legacy auth providers are used through it when a user asks for one.
 */
export async function openKubeconfig(path: string, contextName: string | undefined): Promise<ClusterAccess> {
  const config = await readConfig(path);
  const wanted = contextName ?? textOf(config['current-context']);
  if (wanted === undefined) throw bad(path, 'it has no current-context: name a context');
  const context = entry(config, 'context', wanted);
  if (!context) throw bad(path, `it has no context ${wanted}; it has ${namesOf(config, 'contexts')}`);
  const clusterName = textOf(context['cluster']) ?? '';
  const cluster = entry(config, 'cluster', clusterName);
  if (!cluster) throw bad(path, `context ${wanted} names cluster ${clusterName}, which is not there`);
  const userName = textOf(context['user']) ?? '';
  const user = userName === '' ? {} : entry(config, 'user', userName);
  if (!user) throw bad(path, `context ${wanted} names user ${userName}, which is not there`);
  return openAccess({ path, context: wanted }, cluster, user);
}

interface ConfigFile {
  readonly path: string;
  readonly context: string;
}

async function openAccess(file: ConfigFile, cluster: JsonObject, user: JsonObject): Promise<ClusterAccess> {
  const url = textOf(cluster['server']);
  if (url === undefined || !URL.canParse(url))
    throw bad(file.path, `the server of context ${file.context} is not a URL`);
  const ca = await dataOrFile(file, cluster, 'certificate-authority');
  const servername = textOf(cluster['tls-server-name']);
  const tls: TlsMaterial = {
    ...(ca === undefined ? {} : { ca }),
    ...(servername === undefined ? {} : { servername }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
  };
  const proxyUrl = textOf(cluster['proxy-url']);
  const source = await credentialSource(file, cluster, { user, tls });
  return { url, ...(proxyUrl === undefined ? {} : { proxyUrl }), ...source };
}

async function credentialSource(
  file: ConfigFile,
  cluster: JsonObject,
  given: { readonly user: JsonObject; readonly tls: TlsMaterial },
): Promise<CredentialSource> {
  const { user } = given;
  const cert = await dataOrFile(file, user, 'client-certificate');
  const key = await dataOrFile(file, user, 'client-key');
  const tls = cert === undefined || key === undefined ? given.tls : { ...given.tls, cert, key };
  const token = textOf(user['token']);
  if (token !== undefined && token !== '') return fixedCredentials({ tls, authorization: `Bearer ${token}` });
  const tokenFile = textOf(user['tokenFile']);
  if (tokenFile !== undefined) return fileCredentials(resolve(dirname(file.path), tokenFile), tls);
  if (isJsonObject(user['exec']))
    return execCredentials({ plugin: user['exec'], cluster, folder: dirname(file.path), tls });
  if (isJsonObject(user['auth-provider'])) return providerCredentials(file.path, file.context, tls);
  const name = textOf(user['username']);
  if (name === undefined) return fixedCredentials({ tls, authorization: undefined });
  const basic = Buffer.from(`${name}:${textOf(user['password']) ?? ''}`).toString('base64');
  return fixedCredentials({ tls, authorization: `Basic ${basic}` });
}

async function readConfig(path: string): Promise<JsonObject> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw bad(path, errorText(error));
  }
  const parsed = parseYaml(text, path);
  if ('errors' in parsed) {
    const [first] = parsed.errors;
    throw bad(path, `line ${first?.line ?? 1} is not YAML that can be read`);
  }
  const value = parsed.documents[0]?.value;
  if (!isJsonObject(value)) throw bad(path, 'it is not a kubeconfig');
  return value;
}

/** `<name>-data` holds base64, `<name>` a path relative to the kubeconfig; data wins, as in kubectl. */
async function dataOrFile(file: ConfigFile, holder: JsonObject, name: string): Promise<string | undefined> {
  const data = textOf(holder[`${name}-data`]);
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const path = textOf(holder[name]);
  if (path === undefined || path === '') return undefined;
  try {
    return await readFile(resolve(dirname(file.path), path), 'utf8');
  } catch (error) {
    throw bad(file.path, `${name} of context ${file.context} cannot be read: ${errorText(error)}`);
  }
}

function entry(
  config: JsonObject,
  type: 'cluster' | 'user' | 'context',
  name: string,
): JsonObject | undefined {
  const found = entries(config, `${type}s`).find((each) => each['name'] === name)?.[type];
  return isJsonObject(found) ? found : undefined;
}

function namesOf(config: JsonObject, list: string): string {
  return (
    entries(config, list)
      .map((each) => textOf(each['name']))
      .join(', ') || 'none'
  );
}

function entries(config: JsonObject, list: string): JsonObject[] {
  const value = config[list];
  return Array.isArray(value) ? value.filter((each: Json): each is JsonObject => isJsonObject(each)) : [];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function bad(path: string, problem: string): FaultError {
  return new FaultError('invalid', `kubeconfig ${path}: ${problem}`, { retry: 'never' });
}
