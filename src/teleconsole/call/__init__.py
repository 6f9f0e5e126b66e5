"""The process that holds camera, microphone, loudspeaker and WebRTC."""
