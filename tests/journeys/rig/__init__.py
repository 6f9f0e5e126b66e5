"""Real parts for whole stories: a network, a desktop, sound, a keyring, a browser and a driver of the screen.

A journey is a plain `def` test marked `journey` that asks for fixtures of tests/journeys/conftest.py:

    def test_patient_is_seen(start_app, open_browser, accessibility, desktop, tmp_path):
        clinic = start_app("demo", "--headless-clinic", name="clinic").wait_json()
        app = start_app(env={"TELECONSOLE_PROFILE": str(tmp_path / "profile")})
        camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", 600)
        page = open_browser(camera=camera).context(phone=True).new_page()
        page.goto(clinic["visit_links"][0])
        console = accessibility.application("teleconsole")
        console.find("Admit").press()
        eyes.wait_moving(desktop, console.find("Patient video"))
        signal_and_wait(app.child("vault"), signal.SIGKILL)
        with tones.playing(desktop.sound, MIC, 700, tmp_path):
            tones.wait_heard(desktop.sound, PATIENT_SPEAKER, 700)

After a failure the test's folder (pytest prints its path) holds screen.png, accessible.txt and all logs.
"""
