// What jose makes of a badge (VC-JWT) with the keys that the server publishes: node verify_badge.mjs FILE URL
// Prints header and payload, and what it says of the same badge with one letter of the name changed.
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';

const [file, url] = process.argv.slice(2);
const jwt = readFileSync(file, 'utf8');
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', url));
const options = { algorithms: ['RS256'], issuer: `${url}/badges/issuer`, typ: 'JWT' };
const { payload, protectedHeader } = await jwtVerify(jwt, keys, options);

const [head, , signature] = jwt.split('.');
const forged = decodeJwt(jwt);
forged.credentialSubject.identifier[0].identityHash = 'Somebody Else';
const body = Buffer.from(JSON.stringify(forged)).toString('base64url');
const tampered = await jwtVerify(`${head}.${body}.${signature}`, keys, options).then(
    () => 'accepted',
    (fault) => fault.code,
);
console.log(JSON.stringify({ header: protectedHeader, payload, tampered }));
