# All that a change must pass: what CI runs.
check:
    bash .ci/run

# A whole ecosystem in one process, in this terminal.
demo:
    cargo run --release --bin rialto -- demo

# The tests alone; `just test deal` runs those whose name holds "deal".
test *names:
    cargo test --workspace --locked {{names}}

# Who may depend on whom.
direction:
    bash .ci/direction
