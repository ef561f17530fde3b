/* A line that is slow and breaks: TCP to the server's port, so TLS passes through it untouched. */
import net from 'node:net';

export class CutLine {
    /** bytesPerSecond holds for what goes to the server. */
    static async open(targetPort, bytesPerSecond) {
        const line = new CutLine();
        line.bytesPerSecond = bytesPerSecond;
        line.sent = 0;
        line.cuts = 0;
        line.sockets = new Set();
        line.server = net.createServer((client) => line.#join(client, targetPort));
        await new Promise((done) => line.server.listen(0, '127.0.0.1', done));
        line.port = line.server.address().port;
        return line;
    }

    #join(client, targetPort) {
        const upstream = net.connect(targetPort, '127.0.0.1');
        for (const socket of [client, upstream]) {
            this.sockets.add(socket);
            socket.on('error', () => {});
            socket.on('close', () => {
                this.sockets.delete(socket);
                client.destroy();
                upstream.destroy();
            });
        }
        upstream.on('data', (piece) => client.write(piece));
        client.on('data', (piece) => {
            this.sent += piece.length;
            upstream.write(piece);
            client.pause();
            setTimeout(() => client.resume(), piece.length / this.bytesPerSecond * 1000);
        });
    }

    /** Breaks every connection at once, as a line that drops does. */
    cut() {
        this.cuts++;
        for (const socket of this.sockets)
            socket.resetAndDestroy();
    }

    async close() {
        this.cut();
        await new Promise((done) => this.server.close(done));
    }
}
