/**
 * The refusal of a request on Node: the denial in a response of `node:http` or `node:http2`, whatever earlier code has
 * done to that response.
 */

import { readField } from '../problem/foreign.ts';
import { closeAfterBody } from './closing.ts';
import { denialFor, denialHeaders, FORBIDDEN, isStale } from './denial.ts';
import { headerOf, type NodeRequest, type NodeResponse } from './http.ts';

/** Makes a response the last of its connection if the request has a body, and takes back what earlier code set. */
export function clearResponse(request: NodeRequest, response: NodeResponse): void {
  closeAfterBody(request, response);
  if (response.headersSent) return;
  for (const name of response.getHeaderNames?.() ?? []) if (isStale(name)) response.removeHeader(name);
  // A reason phrase that was set belongs to another status. HTTP/2 has none, and warns of its use.
  if (Object.hasOwn(response, 'statusMessage')) response.statusMessage = '';
  // The length of the denial is known, and chunks beside it would put the connection out of step.
  if (readField(response, 'chunkedEncoding') === true) response.chunkedEncoding = false;
}

/** Prepares a response for `respond`: what `respond` does not set is then right for a denial. */
export function prepareDenial(request: NodeRequest, response: NodeResponse): void {
  clearResponse(request, response);
  if (response.headersSent) return;
  for (const [name, value] of denialHeaders) response.setHeader(name, value);
  response.statusCode = FORBIDDEN;
}

/** Responds with 403, and a body unless the method is HEAD. A response that has already started is cut off. */
export function sendDenial(
  request: NodeRequest,
  response: NodeResponse,
  requestId: string | undefined,
): void {
  if (response.headersSent) {
    if (response.writableEnded) closeAfterBody(request, response);
    else response.destroy();
    return;
  }
  const { contentType, body } = denialFor(headerOf(request, 'accept'), requestId);
  prepareDenial(request, response);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', body.length);
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

/** Drops the connection of a denied request that cannot be answered. Never throws. */
export function abort(response: NodeResponse): void {
  for (const end of [response, readField(response, 'socket')] as Pick<NodeResponse, 'destroy'>[]) {
    try {
      end.destroy();
      return;
    } catch {
      // When both throw, nothing is left to try, and the request still reaches nobody.
    }
  }
}
