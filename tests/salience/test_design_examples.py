"""The three examples that the building blocks were asked for, judged by NumPy in float64."""

import numpy as np
import pytest

from salience import ops
from salience.testing import random_floats

WORDS, WIDTH, STATES, OUTPUTS, TOKENS = 10_000, 64, 128, 10, 10


def wide(*arrays):
    """The same numbers in float64, one array or several."""
    arrays = [np.asarray(array, np.float64) for array in arrays]
    return arrays if len(arrays) > 1 else arrays[0]


def agree(got, want, tolerance=1e-5):
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


def softmax(logits):
    a = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return a / a.sum(axis=-1, keepdims=True)


class TestEmbedding:
    """embed(x) = W_e x of 10,000 words, x one-hot; similarity; training."""

    table = random_floats(WORDS, WIDTH)

    def test_a_word_is_its_row(self):
        x = ops.embedding(self.table, [1])
        assert x.shape == (1, WIDTH)
        np.testing.assert_array_equal(x[0], self.table[1])

    def test_a_word_is_the_matrix_times_a_one_hot_vector(self):
        one_hot = np.zeros((1, WORDS), np.float32)
        one_hot[0, 1] = 1
        x = ops.affine(one_hot, np.ascontiguousarray(self.table.T))  # W_e is [64, 10000] here
        np.testing.assert_array_equal(x, ops.embedding(self.table, [1]))

    def test_similarity_is_the_cosine(self):
        a, b = (ops.embedding(self.table, ids) for ids in ([1, 1, 7], [1, 2, 9_999]))
        one, other = wide(a, b)
        lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
        agree(ops.cosine_pairs(a, b), (one * other).sum(axis=1) / lengths)
        assert ops.cosine_pairs(a, b)[0] == 1

    def test_training_brings_words_of_the_same_context_together(self):
        """Skip-gram with negative samples: is `other` beside `word`? yes 1, no 0."""
        words = np.array([1, 1, 2, 2, 7_000, 7_000])
        others, labels = np.array([3, 4, 3, 4, 3, 4]), np.array([1, 0, 1, 0, 0, 1])
        table, contexts = 0.1 * self.table, random_floats(5, WIDTH, seed=1, scale=0.1)
        losses = []
        for _ in range(50):
            x, u = ops.embedding(table, words), ops.embedding(contexts, others)
            p = ops.sigmoid((x * u).sum(axis=1))
            losses.append(-np.log(np.where(labels == 1, p, 1 - p)).mean())
            d_score = (p - labels)[:, None].astype(np.float32)
            for trained, ids, d_x in ((table, words, d_score * u), (contexts, others, d_score * x)):
                named, d_rows = ops.sparse_backprop_embedding(d_x, ids, len(trained))
                dense = np.zeros(trained.shape)
                np.add.at(dense, ids, wide(d_x))
                agree(d_rows, dense[named])
                assert not np.delete(dense, named, axis=0).any()
                trained[named] -= 0.5 * d_rows
        assert losses[-1] < 0.1 < 0.6 < losses[0]
        before, after = (ops.cosine_pairs(w[[1, 1]], w[[2, 7_000]]) for w in (self.table, table))
        assert np.abs(before).max() < 0.3
        assert after[0] > 0.8
        assert after[1] < -0.5
        untouched = np.setdiff1d(np.arange(WORDS), words)
        np.testing.assert_array_equal(table[untouched], (0.1 * self.table)[untouched])


class TestRecurrence:
    """64 inputs, 128 states, 10 outputs of the last state."""

    w_x, b = random_floats(STATES, WIDTH, scale=0.1), random_floats(STATES, seed=1)
    w_h = random_floats(STATES, STATES, seed=2, scale=0.08)
    w_y, b_y = random_floats(OUTPUTS, STATES, seed=3, scale=0.1), random_floats(OUTPUTS, seed=4)
    x = random_floats(TOKENS, WIDTH, seed=5)

    def test_outputs_of_the_last_state(self):
        u = ops.affine(self.x, self.w_x, self.b)
        h, last = ops.tanh_recurrence(u, self.w_h, [0, TOKENS])
        y = ops.affine(last, self.w_y, self.b_y)
        assert (h.shape, last.shape, y.shape) == ((TOKENS, STATES), (1, STATES), (1, OUTPUTS))
        w_x, b, w_h, w_y, b_y = wide(self.w_x, self.b, self.w_h, self.w_y, self.b_y)
        state = np.zeros(STATES)
        for t, x in enumerate(wide(self.x)):
            state = np.tanh(w_x @ x + b + w_h @ state)
            agree(h[t], state)
        np.testing.assert_array_equal(last[0], h[-1])
        agree(y[0], w_y @ state + b_y)

    def test_the_elementwise_network_is_a_loop(self):
        """h_t = h_{t-1} * w_h + W_x x_t + b."""
        decay = ops.sigmoid(random_floats(STATES, seed=6))
        h, _ = ops.linear_recurrence(ops.affine(self.x, self.w_x, self.b), decay, [0, TOKENS])
        w_x, b, w_h = wide(self.w_x, self.b, decay)
        state = np.zeros(STATES)
        for t, x in enumerate(wide(self.x)):
            state = state * w_h + w_x @ x + b
            agree(h[t], state)


class NextSymbol:
    """A network that reads symbols and says the next: embedding, recurrence, outputs."""

    def __init__(self, dense):
        self.dense = dense
        self.p = {
            "table": random_floats(OUTPUTS, WIDTH),
            "w_x": random_floats(STATES, WIDTH, seed=1, scale=0.05),
            "b": np.zeros(STATES, np.float32),
            "w_y": random_floats(OUTPUTS, STATES, seed=2, scale=0.05),
            "b_y": np.zeros(OUTPUTS, np.float32),
            # The dense W_h, or what the sigmoid makes the elementwise w_h of.
            "w_h": random_floats(STATES, STATES, seed=3, scale=0.05)
            if dense
            else random_floats(STATES, seed=3),
        }

    def forward(self, ids, initial=None):
        p, starts = self.p, [0, len(ids)]
        x = ops.embedding(p["table"], ids)
        u = ops.affine(x, p["w_x"], p["b"])
        if self.dense:
            h, last = ops.tanh_recurrence(u, p["w_h"], starts, initial=initial)
        else:
            h, last = ops.linear_recurrence(u, ops.sigmoid(p["w_h"]), starts, initial=initial)
        return x, h, last, ops.affine(h, p["w_y"], p["b_y"])

    def step(self, ids, wanted, rate=0.5):
        """Take one step down the gradient and return the loss before it."""
        p, starts = self.p, [0, len(ids)]
        x, h, _, logits = self.forward(ids)
        a = softmax(wide(logits))
        d_logits = ((a - np.eye(OUTPUTS)[wanted]) / len(ids)).astype(np.float32)
        d = {}
        d_h, d["w_y"], d["b_y"] = ops.backprop_affine(d_logits, h, p["w_y"])
        if self.dense:
            d_u, d["w_h"], _ = ops.backprop_tanh_recurrence(d_h, h, p["w_h"], starts)
        else:
            decay = ops.sigmoid(p["w_h"])
            d_u, d_decay, _ = ops.backprop_linear_recurrence(d_h, h, decay, starts)
            d["w_h"] = ops.backprop_sigmoid(d_decay, decay)
        d_x, d["w_x"], d["b"] = ops.backprop_affine(d_u, x, p["w_x"])
        d["table"] = ops.backprop_embedding(d_x, ids, OUTPUTS)
        for name, gradient in d.items():
            p[name] = p[name] - rate * gradient
        return -np.log(a[np.arange(len(ids)), wanted]).mean()


@pytest.mark.parametrize(("dense", "rate"), [(False, 0.1), (True, 0.2)], ids=["linear", "tanh"])
def test_a_network_learns_to_predict_a_sequence(dense, rate):
    # After 1 comes 2, 4 or 7, after 2 comes 3 or 1: only the states can tell.
    sequence = np.array([1, 2, 3, 1, 4, 2, 1, 7, 9, 5, 0, 8, 6])
    ids, wanted = sequence[:-1], sequence[1:]
    network = NextSymbol(dense)
    losses = [network.step(ids, wanted, rate) for _ in range(200)]
    assert losses[-1] < 0.1 < 1.5 < losses[0]
    *_, logits = network.forward(ids)
    np.testing.assert_array_equal(logits.argmax(axis=1), wanted)

    # The first symbol alone, and then its own predictions, one at a time.
    said, state = [sequence[0]], None
    for _ in wanted:
        _, _, state, logits = network.forward(said[-1:], state)
        said.append(logits[-1].argmax())
    np.testing.assert_array_equal(said, sequence)


class TestAttention:
    """h [1, 10, 128], W_a [128, 128]: weights, one weight a step, and what they are for."""

    h = random_floats(1, TOKENS, STATES)
    w_a = random_floats(STATES, STATES, seed=1, scale=1 / STATES)  # logits of about 1
    query = w_a.T[None]  # with no key, Q = W_a'
    x = random_floats(TOKENS, WIDTH, seed=2)

    def by_numpy(self):
        h, w_a = wide(self.h[0], self.w_a)
        scores = np.exp(np.array([[h_t @ w_a @ h_i for h_i in h] for h_t in h]))
        return scores / scores.sum(axis=1, keepdims=True)

    def test_weights(self):
        """a_ti = exp(h_t' W_a h_i) / sum_j exp(h_t' W_a h_j)."""
        a, want = ops.attention_weights(self.h[0], self.query), self.by_numpy()
        assert a.shape == (1, TOKENS, TOKENS)
        assert 0.15 < want.max() < 0.95  # neither even nor one-hot
        agree(a[0], want)
        agree(a.sum(axis=2), np.ones((1, TOKENS)))
        # Not the transposed matrix, which would weigh others.
        assert np.abs(ops.attention_weights(self.h[0], self.w_a[None])[0] - want).max() > 0.05

    def test_one_weight_a_step(self):
        """a_t = exp(h_t' W_a h_t) / sum_i exp(h_t' W_a h_i)."""
        a = ops.step_attention(self.h[0], [0, TOKENS], self.query)
        assert a.shape == (TOKENS,)
        agree(a, np.diagonal(self.by_numpy()))

    def test_weights_times_embeddings_make_new_states(self):
        """c_t = sum_i a_ti x_i, v_t = x_t + W_f h_t + g * c_t and h_t + W_f' c_t."""
        w_f, gate = random_floats(WIDTH, STATES, seed=3, scale=0.1), random_floats(WIDTH, seed=4)
        context, received = ops.bilinear_attention(self.h[0], self.x, [0, TOKENS], self.query)
        v = ops.fusion(self.x, self.h[0], context, w_f, gate)
        x, h, f, g = wide(self.x, self.h[0], w_f, gate)
        a = self.by_numpy()
        agree(context, a @ x)
        agree(received, a.mean(axis=0))
        agree(v, x + h @ f.T + g * (a @ x))

        # As wide as the states: the states are what is added to, W_f' c_t is added.
        nothing, closed = np.zeros_like(self.h[0]), np.zeros(STATES, np.float32)
        new = ops.fusion(self.h[0], context, nothing, np.ascontiguousarray(w_f.T), closed)
        assert new[None].shape == self.h.shape
        agree(new, h + (a @ x) @ f)

    def test_one_weight_a_step_times_its_embedding_makes_a_vector(self):
        """v_t = x_t + W_f h_t + g * a_t x_t."""
        w_f, gate = random_floats(WIDTH, STATES, seed=3, scale=0.1), random_floats(WIDTH, seed=4)
        own = ops.step_attention(self.h[0], [0, TOKENS], self.query)
        v = ops.fusion(self.x, self.h[0], own[:, None] * self.x, w_f, gate)
        x, h, f, g = wide(self.x, self.h[0], w_f, gate)
        agree(v, x + h @ f.T + g * np.diagonal(self.by_numpy())[:, None] * x)
